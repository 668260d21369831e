/* main.c -- one after the other, by way of a file. */
#include "relay.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: relay FILE\n", stderr);
        return 2;
    }
    relay_write(argv[1]);
    relay_carry(argv[1]);
    relay_read(argv[1]);
    return 0;
}
