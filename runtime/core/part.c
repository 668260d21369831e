/* part.c -- what layers above the core keep for a node: made when they are first used there, ended
 * with it.
 */
#include "core/core.h"

kmi_part *kmi_part_find(const kmsg_node *node, const void *kind)
{
    kmi_part *part = node->parts;

    while (part != NULL && part->kind != kind)
        part = part->next;
    return part;
}

void kmi_part_add(kmsg_node *node, kmi_part *part)
{
    part->next = node->parts;
    node->parts = part;
}

void kmi_parts_flush(kmsg_node *node)
{
    node->laden = false;
    for (kmi_part *part = node->parts; part != NULL; part = part->next)
        if (part->flush != NULL)
            part->flush(part);
}

/* The youngest first: it may stand on others. */
void kmi_parts_end(kmsg_node *node)
{
    for (kmi_part *part = node->parts; part != NULL; part = part->next)
        part->end(part);
}

void kmi_parts_free(kmsg_node *node)
{
    while (node->parts != NULL) {
        kmi_part *part = node->parts;
        node->parts = part->next;
        part->free(part);
    }
}
