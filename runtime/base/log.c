/* log.c -- the way to the user's log function. */
#include "base/log.h"

#define LINE_MAX_SIZE 1024

static kmsg_log_fn *log_fn;
static void        *log_ctx;

void kmsg_set_log(kmsg_log_fn *fn, void *ctx)
{
    log_fn = fn;
    log_ctx = ctx;
}

void kmi_log(kmsg_log_level level, const char *format, ...)
{
    char    line[LINE_MAX_SIZE];
    va_list args;

    if (log_fn == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log_fn(log_ctx, level, line);
}

bool kmi_log_is_due(uint64_t count)
{
    while (count >= 10 && count % 10 == 0)
        count /= 10;
    return count == 1;
}
