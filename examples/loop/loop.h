/* loop.h -- two loops that are not kmsg's own, and drive a node beside what else they have to do.
 *
 * Both return when *stop is true, which a callback of the node sets; both call tick(ctx) when their
 * own timer has run down, and set it again.
 */
#ifndef LOOP_H
#define LOOP_H

#include <kmsg/kmsg.h>

#define TICK_MS 5

void loop_with_uv(kmsg_node *node, const bool *stop, void *ctx, void (*tick)(void *ctx));
void loop_with_poll(kmsg_node *node, const bool *stop, void *ctx, void (*tick)(void *ctx));

#endif
