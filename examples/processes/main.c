/* main.c -- `processes` is the client; it starts `processes serve URL`. */
#define _POSIX_C_SOURCE 200809L

#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char dir[] = "/tmp/kmsg-ledger-XXXXXX", url[64];

    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        serve(argv[2]);
        return 0;
    }
    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 1;
    }
    snprintf(url, sizeof url, "unix:%s/sock", dir);
    talk(argv[0], url);
    if (rmdir(dir) != 0) /* the server has removed its socket */
        perror(dir);
    return 0;
}
