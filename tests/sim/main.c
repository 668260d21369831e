/* main.c -- plays without a test around them:
 *
 *     sim SEED          that play, with all that happens in it
 *     sim FROM COUNT    so many plays, quietly; what was found, and how far it is
 *     sim names ...     the same, of directories
 */
#define _POSIX_C_SOURCE 200809L
#include "names_play.h"
#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *(*run)(uint64_t seed, bool loud, bool corrupt) = play_run;

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

static int show(uint64_t seed)
{
    const char *finding = run(seed, true, false);

    printf("%s\n", finding == NULL ? "all is well" : finding);
    return finding == NULL ? 0 : 1;
}

/* Every `step`th play. */
static void many(uint64_t from, uint64_t count, unsigned step, bool tell)
{
    uint64_t found = 0;

    for (uint64_t i = 0; i < count; i += step) {
        const char *finding = run(from + i, false, false);
        if (finding != NULL) {
            printf("seed %llu: %s\n", (unsigned long long)(from + i), finding);
            found++;
        }
        if (tell && i / step % 500 == 499)
            fprintf(stderr, "\r%llu of %llu plays ", (unsigned long long)i,
                    (unsigned long long)count);
    }
    if (tell)
        fputs("\r                                        \r", stderr);
    fflush(stdout);
    _exit(found == 0 ? 0 : 1);
}

/* In as many processes as there are processors. */
static int share(uint64_t from, uint64_t count)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int  failed = 0, status;

    for (unsigned i = 0; i < (unsigned)processors; i++)
        if (fork() == 0)
            many(from + i, count - i, (unsigned)processors, i == 0 && isatty(2));
    while (wait(&status) > 0)
        failed |= status;
    printf("%llu plays: %s\n", (unsigned long long)count,
           failed == 0 ? "all was well" : "not all was well");
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 2 && strcmp(argv[1], "names") == 0) {
        run = names_run;
        argc--;
        argv++;
    }
    if (argc == 2)
        return show(number(argv[1]));
    if (argc == 3)
        return share(number(argv[1]), number(argv[2]));
    fprintf(stderr, "usage: sim [names] SEED | sim [names] FROM COUNT\n");
    return 2;
}
