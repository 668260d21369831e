/* frame.c -- see frame.h. */
#include "cli/frame.h"

#include <string.h>

#define HEADER 8u

static uint32_t load(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static bool all_zero(const uint8_t *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (at[i] != 0)
            return false;
    return true;
}

/* `size` bytes more; false and said when they are not there. */
static bool read_more(input *in, store *room, size_t size)
{
    if (store_read(room, in, size))
        return true;
    if (!in->broken)
        input_fail(in, "the input ends inside a message");
    return false;
}

/* The name is text with one NUL at its end, and zero bytes up to the message. */
static bool good_name(const input *in, const uint8_t *name, size_t size)
{
    if (name[size - 1] != 0 || strlen((const char *)name) != size - 1 ||
        !kmsg_utf8_valid((const char *)name, size - 1))
        return input_fail(in, "not a stream of kmsg messages: no name of a type");
    return all_zero(name + size, padded(HEADER + size) - HEADER - size)
               ? true
               : input_fail(in, "padding that is not zero behind the name");
}

static bool read_body(input *in, size_t size_max, store *room, kmsg_any *ret)
{
    size_t name = load(room->bytes), message = load(room->bytes + 4), begin;

    if (name < 2 || name > FRAME_NAME_MAX || message > KMSG_MESSAGE_MAX)
        return input_fail(in, "not a stream of kmsg messages (a bare one needs --raw)");
    if (message > size_max)
        return input_fail(in, "a message of %zu bytes, more than %zu (see --max)", message,
                          size_max);
    begin = padded(HEADER + name);
    if (!read_more(in, room, begin - HEADER) || !good_name(in, room->bytes + HEADER, name) ||
        !read_more(in, room, padded(message)))
        return false;
    if (!all_zero(room->bytes + begin + message, padded(message) - message))
        return input_fail(in, "padding that is not zero behind the message");
    *ret = (kmsg_any){.type = {(const char *)room->bytes + HEADER, name - 1},
                      .message = {room->bytes + begin, message}};
    return true;
}

frame_result frame_next(input *in, size_t size_max, store *room, kmsg_any *ret)
{
    if (input_peek(in) < 0)
        return in->broken ? FRAME_BAD : FRAME_END;
    in->record++;
    room->size = 0;
    if (!read_more(in, room, HEADER) || !read_body(in, size_max, room, ret))
        return FRAME_BAD;
    return FRAME_GOOD;
}

static void write_padded(const void *bytes, size_t size, size_t end)
{
    static const uint8_t zeros[8] = {0};

    fwrite(bytes, 1, size, stdout);
    fwrite(zeros, 1, end - size, stdout);
}

void frame_write(const kmsg_any *any)
{
    uint32_t sizes[2] = {(uint32_t)any->type.size + 1, (uint32_t)any->message.size};
    size_t   name = any->type.size + 1;
    uint8_t  header[HEADER];

    for (size_t i = 0; i < HEADER; i++)
        header[i] = (uint8_t)(sizes[i / 4] >> 8 * (i % 4));
    fwrite(header, 1, sizeof header, stdout);
    write_padded(any->type.data, name, padded(HEADER + name) - HEADER);
    write_padded(any->message.data, any->message.size, padded(any->message.size));
}
