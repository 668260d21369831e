/* input.c -- see input.h. */
#define _POSIX_C_SOURCE 200809L

#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

bool input_open(input *in, const char *path)
{
    struct stat st;
    bool        is_stdin = strcmp(path, "-") == 0;

    *in = (input){.name = is_stdin ? "stdin" : path, .line = 1, .column = 1};
    in->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0)
        return cli_fail("cannot open %s: %s", path, strerror(errno));
    if (fstat(in->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        input_close(in);
        return cli_fail("cannot read %s: %s", path, strerror(EISDIR));
    }
    return true;
}

void input_close(input *in)
{
    if (in->fd != STDIN_FILENO)
        close(in->fd);
}

/* At least one byte; false at the end. */
static bool fill(input *in)
{
    ssize_t n;

    if (in->ended)
        return false;
    fflush(stdout); /* whether that worked is asked at the end */
    do
        n = read(in->fd, in->bytes, sizeof in->bytes);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        cli_fail("cannot read %s: %s", in->name, strerror(errno));
        in->broken = true;
    }
    in->ended = n <= 0;
    in->at = 0;
    in->end = n > 0 ? (size_t)n : 0;
    return n > 0;
}

int input_peek(input *in)
{
    if (in->at == in->end && !fill(in))
        return -1;
    return in->bytes[in->at];
}

void input_take(input *in)
{
    bool ends_line = in->bytes[in->at++] == '\n';

    in->line += ends_line;
    in->column = ends_line ? 1 : in->column + 1;
}

size_t input_read(input *in, void *to, size_t size)
{
    size_t got = 0;

    while (got < size && (in->at < in->end || fill(in))) {
        size_t n = in->end - in->at < size - got ? in->end - in->at : size - got;
        memcpy((uint8_t *)to + got, in->bytes + in->at, n);
        in->at += n;
        got += n;
    }
    return got;
}

static void say_record(const input *in)
{
    fflush(stdout); /* what was good comes first */
    fprintf(stderr, "kmsg: %s:record %" PRIu64, in->name, in->record);
}

bool input_fail(const input *in, const char *format, ...)
{
    va_list args;

    say_record(in);
    if (in->record_line != 0)
        fprintf(stderr, " (line %" PRIu64 ")", in->record_line);
    fputs(": ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    return false;
}

bool input_fail_err(const input *in, kmsg_err err)
{
    const char *words = kmsg_last_error();

    return input_fail(in, "%s",
                      words[0] != '\0' && err != KMSG_ENOMEM ? words : kmsg_strerror(err));
}

bool input_fail_text(const input *in, kmsg_err err, size_t before)
{
    const char *words = kmsg_last_error();
    uint64_t    line, column;
    int         used = 0;

    if (sscanf(words, "%" SCNu64 ":%" SCNu64 ": %n", &line, &column, &used) != 2 || used == 0)
        return input_fail_err(in, err);
    if (line == 1)
        column = column > before ? column - before + in->record_column - 1 : in->record_column;
    say_record(in);
    fprintf(stderr, " (line %" PRIu64 ", column %" PRIu64 "): %s\n", in->record_line + line - 1,
            column, words + used);
    return false;
}

/* ---- bytes that grow as they come ------------------------------------------------------------ */

static void make_room(store *s, size_t more)
{
    if (more <= s->room - s->size)
        return;
    s->room = s->size + more < 2 * s->room ? 2 * s->room : s->size + more + 4096;
    s->bytes = cli_resize(s->bytes, s->room);
}

void store_add(store *s, uint8_t byte)
{
    make_room(s, 1);
    s->bytes[s->size++] = byte;
}

void store_put(store *s, const void *bytes, size_t size)
{
    make_room(s, size);
    if (size != 0)
        memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
}

void store_done(store *s)
{
    cli_resize(s->bytes, 0);
}

bool store_read(store *s, input *in, size_t size)
{
    while (size > 0) {
        size_t piece = size < PIECE ? size : PIECE, got;
        make_room(s, piece);
        got = input_read(in, s->bytes + s->size, piece);
        s->size += got;
        if (got < piece)
            return false;
        size -= piece;
    }
    return true;
}
