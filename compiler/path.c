/* path.c -- see path.h. */
#define _POSIX_C_SOURCE 200809L

#include "compiler/path.h"

#include <string.h>
#include <unistd.h>

#define CWD_MAX 4096

/* Appends one part to a path that ends without '/'; returns its new size. */
static size_t add_part(char *to, size_t size, const char *part, size_t part_size)
{
    if (part_size == 0 || (part_size == 1 && part[0] == '.'))
        return size;
    if (part_size == 2 && part[0] == '.' && part[1] == '.') {
        while (size > 0 && to[size - 1] != '/')
            size--;
        return size > 0 ? size - 1 : 0;
    }
    to[size] = '/';
    memcpy(to + size + 1, part, part_size);
    return size + 1 + part_size;
}

char *path_absolute(idl_sources *s, const char *path)
{
    char        cwd[CWD_MAX];
    const char *from = path;
    char       *to;
    size_t      size = 0;

    if (path[0] != '/' && getcwd(cwd, sizeof cwd) != NULL)
        from = idl_text(s, "%s/%s", cwd, path);
    to = idl_alloc(s, strlen(from) + 2);
    while (*from != '\0') {
        size_t part = strcspn(from, "/");
        size = add_part(to, size, from, part);
        from += part + (from[part] == '/');
    }
    to[size] = '\0';
    return to;
}

const char *path_below(idl_sources *s, const char *folder, const char *file)
{
    const char *base = path_absolute(s, folder), *at = path_absolute(s, file);
    size_t      size = strlen(base);

    return strncmp(at, base, size) == 0 && at[size] == '/' ? at + size + 1 : NULL;
}
