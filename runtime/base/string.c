/* string.c -- making and comparing kmsg_strings. */
#include <kmsg/base.h>

#include <string.h>

static const kmsg_string empty = KMSG_STR("");

kmsg_string kmsg_str(const char *text)
{
    return (kmsg_string){text, text == NULL ? 0 : strlen(text)};
}

bool kmsg_string_equal(kmsg_string a, kmsg_string b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

kmsg_string kmsg_string_copy(kmsg_arena *mem, kmsg_string text)
{
    char *copy;

    if (text.data == NULL)
        return text;
    copy = kmsg_alloc(mem, text.size + 1, 1);
    if (copy == NULL)
        return empty;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return (kmsg_string){copy, text.size};
}

kmsg_string kmsg_printf(kmsg_arena *mem, const char *format, ...)
{
    va_list args;
    int     size;
    char   *text;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = size < 0 ? NULL : kmsg_alloc(mem, (size_t)size + 1, 1);
    if (text == NULL)
        return empty;
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return (kmsg_string){text, (size_t)size};
}
