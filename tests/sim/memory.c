/* memory.c -- memory that two processes of one host share.
 *
 * A piece is there as long as somebody sees it or it is on its way along a connection. Each process
 * has a view of its own, which ends with it. What one writes the other sees at once: no time passes
 * within a turn, so there is no more to simulate of it.
 */
#include "inside.h"

#include <stdlib.h>

struct piece {
    unsigned refs;
    size_t   size;
    uint8_t  bytes[];
};

typedef struct view {
    kmi_memory     memory;
    piece         *piece;
    world_process *process;
    struct view   *next;
    bool           passed;
} view;

static view *views;

piece *piece_ref(piece *p)
{
    if (p != NULL)
        p->refs++;
    return p;
}

void piece_unref(piece *p)
{
    if (p != NULL && --p->refs == 0)
        free(p);
}

static kmi_memory *new_view(piece *p)
{
    view *v =
        p == NULL || world_chance(process_starve(process_running())) ? NULL : malloc(sizeof *v);

    if (v == NULL)
        return NULL;
    *v = (view){{p->bytes, p->size}, piece_ref(p), process_running(), views, false};
    views = v;
    process_opened(v->process, 1);
    return &v->memory;
}

kmi_memory *net_memory_new(size_t size)
{
    piece      *p = calloc(1, sizeof *p + size);
    kmi_memory *memory;

    if (p == NULL)
        return NULL;
    p->refs = 1;
    p->size = size;
    memory = new_view(p);
    piece_unref(p);
    return memory;
}

static void end_view(view **at)
{
    view *v = *at;

    *at = v->next;
    process_opened(v->process, -1);
    piece_unref(v->piece);
    free(v);
}

void net_memory_free(kmi_memory *memory)
{
    view **at = &views;

    if (memory == NULL)
        return;
    while (&(*at)->memory != memory)
        at = &(*at)->next;
    end_view(at);
}

void memory_abandon(const world_process *process)
{
    view **at = &views;

    while (*at != NULL) {
        if ((*at)->process == process)
            end_view(at);
        else
            at = &(*at)->next;
    }
}

ptrdiff_t net_pass(kmi_socket *s, const void *data, size_t size, kmi_memory *memory)
{
    view     *v = (view *)memory;
    ptrdiff_t n = net_write(s, data, size);

    if (n > 0 && !v->passed)
        net_put_gift(s, v->piece);
    v->passed |= n > 0;
    return n;
}

ptrdiff_t net_receive(kmi_socket *s, void *buffer, size_t size, size_t max, kmi_gift *ret)
{
    piece    *p = piece_ref(net_gift(s));
    ptrdiff_t n = net_read(s, buffer, size);

    *ret = (kmi_gift){NULL, NULL};
    if (n > 0 && p != NULL && p->size <= max)
        ret->memory = new_view(p);
    piece_unref(p);
    return n;
}
