/* err.c -- error names and texts, all from the one table in kmsg/base.h, and the thread's last
 * failure in words.
 */
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local char last_text[KMI_ERROR_TEXT_MAX];

const char *kmsg_strerror(kmsg_err err)
{
    switch (err) {
    case KMSG_OK: return "ok";
    case KMSG_LATER: return "answered later";
    case KMSG_END: return "the stream has ended";
#define TEXT(name, value, text)                                                                    \
    case KMSG_##name: return text;
        KMSG_ERROR_MAP(TEXT)
#undef TEXT
    }
    return "unknown error";
}

const char *kmsg_err_name(kmsg_err err)
{
    switch (err) {
    case KMSG_OK: return "OK";
    case KMSG_LATER: return "LATER";
    case KMSG_END: return "END";
#define NAME(name, value, text)                                                                    \
    case KMSG_##name: return #name;
        KMSG_ERROR_MAP(NAME)
#undef NAME
    }
    return "UNKNOWN";
}

const char *kmsg_last_error(void)
{
    return last_text;
}

static void keep(const char *format, va_list args) KMSG_PRINTF(1, 0);

static void keep(const char *format, va_list args)
{
    char text[KMI_ERROR_TEXT_MAX];
    int  size = vsnprintf(text, sizeof text, format, args);

    if (size < 0)
        text[0] = '\0';
    else if ((size_t)size >= sizeof text)
        memcpy(text + sizeof text - 4, "...", 4);
    memcpy(last_text, text, sizeof last_text);
}

kmsg_err kmi_error(kmsg_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    keep(format, args);
    va_end(args);
    return err;
}

kmsg_err kmsg_set_last_error(kmsg_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    keep(format, args);
    va_end(args);
    return err;
}

kmsg_err kmi_error_plain(kmsg_err err)
{
    last_text[0] = '\0';
    return err;
}

void kmsg_must_at(kmsg_err err, const char *expression, const char *file, int line)
{
    if (err == KMSG_OK)
        return;
    fprintf(stderr, "%s:%d: %s: %s%s%s\n", file, line, expression, kmsg_strerror(err),
            last_text[0] == '\0' ? "" : ": ", last_text);
    exit(1);
}
