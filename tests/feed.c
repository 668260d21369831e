/* feed.c -- the main function of a fuzz target that runs as a plain test: feeds it, one test each,
 * the empty input and every file in the folders named as arguments (tests/fuzz/corpus/NAME and
 * tests/fuzz/regress/NAME). A target that does not like an input aborts, and so fails the program.
 *
 * Inputs sit at the very end of their own allocation, so that a sanitizer sees a byte read beyond.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned done;

static void ended(const char *name)
{
    printf("ok %u - %s\n", ++done, name);
    fflush(stdout);
}

static void die(const char *path)
{
    perror(path);
    exit(2);
}

static void feed_file(const char *path)
{
    struct stat info;
    FILE       *file = fopen(path, "rb");
    uint8_t    *data;
    size_t      size;

    if (!file || fstat(fileno(file), &info) != 0) {
        die(path);
    }
    size = (size_t)info.st_size;
    data = malloc(size ? size : 1);
    if (!data || fread(data, 1, size, file) != size) {
        die(path);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    ended(path);
}

static void feed_folder(const char *folder)
{
    struct dirent **names;
    int             count = scandir(folder, &names, NULL, alphasort);

    if (count < 0) {
        die(folder);
    }
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
            feed_file(path);
        }
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    ended("nothing at all");
    for (int i = 1; i < argc; i++) {
        feed_folder(argv[i]);
    }
    printf("1..%u\n", done);
    return 0;
}
