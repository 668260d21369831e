/* frame.h -- a stream of messages that tell their type.
 *
 * Each is what an `any` is on the wire (idl/wire.md): the bytes of the name with its NUL, the bytes
 * of the message, both as u32 in little endian; the name; zero bytes up to a multiple of 8; the
 * message; zero bytes again. So streams can be joined by cat(1).
 */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

#include "cli/input.h"

#define FRAME_NAME_MAX 1024 /* bytes of a name, with its NUL */

typedef enum frame_result { FRAME_GOOD, FRAME_END, FRAME_BAD } frame_result;

/* The next message, which lies in `room`, aligned, until that is used again; in->record counts it.
 * FRAME_BAD: cut off, not of this form, larger than `size_max`, or cannot be read; said. */
frame_result frame_next(input *in, size_t size_max, store *room, kmsg_any *ret);

/* To stdout; whether that worked, cli_flush() tells. */
void frame_write(const kmsg_any *any);

#endif
