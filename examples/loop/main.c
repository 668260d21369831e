/* main.c -- a program with a loop of its own, which asks a service from there.
 *
 * At each tick of its timer it asks for a square, without waiting; the answer comes from within
 * kmsg_node_step(), which its loop calls. Who answers has a thread of kmsg's own.
 */
#include "loop.h"
#include "squares.kmsg.h"

#define QUESTIONS 3u

typedef struct program {
    kmsg_peer *peer;
    uint32_t   asked;
    uint32_t   answered;
    bool       stop;
} program;

static kmsg_err square(void *ctx, kmsg_call *call, uint32_t of, uint32_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = of * of;
    return KMSG_OK;
}

static void answered(void *ctx, kmsg_err err, const uint32_t *result)
{
    program *p = ctx;

    kmsg_must(err);
    printf("  the square of %u is %u\n", ++p->answered, *result);
    p->stop = p->answered == QUESTIONS;
}

static void tick(void *ctx)
{
    program *p = ctx;

    if (p->asked < QUESTIONS)
        Squares_square_async(p->peer, ++p->asked, p, answered);
}

int main(void)
{
    static const Squares_impl impl = {.square = square};
    kmsg_node                *server = kmsg_node_new(), *node = kmsg_node_new();
    program                   p = {.asked = 0};

    kmsg_must(Squares_serve(server, &impl, NULL));
    kmsg_must(kmsg_listen(server, "inproc:squares", NULL));
    kmsg_must(kmsg_start(server));
    kmsg_must(kmsg_dial(node, "inproc:squares", &p.peer));
    puts("a loop of libuv:");
    loop_with_uv(node, &p.stop, &p, tick);
    puts("a loop of poll():");
    p = (program){.peer = p.peer};
    loop_with_poll(node, &p.stop, &p, tick);
    kmsg_node_free(node);
    kmsg_node_free(server);
    return 0;
}
