/* hello.c -- a service and its caller in one small program. */
#include "hello.kmsg.h"

static kmsg_err greet(void *ctx, kmsg_call *call, kmsg_string name, kmsg_string *ret)
{
    (void)ctx;
    *ret = kmsg_printf(kmsg_call_arena(call), "Hello, %s!", name.data);
    return KMSG_OK;
}

int main(void)
{
    static const Hello_impl impl = {.greet = greet};
    kmsg_node              *node = kmsg_node_new();
    kmsg_arena             *mem = kmsg_arena_new();
    kmsg_string             text;

    kmsg_must(Hello_serve(node, &impl, NULL));
    kmsg_must(Hello_greet(kmsg_self(node), kmsg_str("world"), mem, &text));
    puts(text.data);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
    return 0;
}
