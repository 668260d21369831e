/* file.c -- see file.h. */
#include "file.h"

#include <stdlib.h>

static void fail(const char *path)
{
    perror(path);
    exit(1);
}

kmsg_bytes file_read(const char *path, kmsg_arena *mem)
{
    FILE    *f = fopen(path, "rb");
    long     size = f == NULL || fseek(f, 0, SEEK_END) != 0 ? -1 : ftell(f);
    uint8_t *data = size < 0 ? NULL : kmsg_alloc(mem, (size_t)size, 8);

    if (data == NULL || fseek(f, 0, SEEK_SET) != 0 ||
        fread(data, 1, (size_t)size, f) != (size_t)size)
        fail(path);
    fclose(f);
    return (kmsg_bytes){data, (size_t)size};
}

void file_write(const char *path, kmsg_bytes bytes)
{
    FILE *f = fopen(path, "wb");

    if (f == NULL || fwrite(bytes.data, 1, bytes.size, f) != bytes.size || fclose(f) != 0)
        fail(path);
}
