/* write_schemas.c -- writes random schemas for tests/prop/generated_test.sh:
 *
 *     write_schemas FOLDER SEED COUNT
 *
 * makes FOLDER/madeSEED.kmsg and those of the seeds that follow, each a module of its own name.
 */
#include "schemas.h"
#include "test.h"

#include <stdlib.h>

static bool write_one(const char *folder, unsigned long seed)
{
    char  path[4096], module[64];
    FILE *out;

    snprintf(module, sizeof module, "made%lu", seed);
    snprintf(path, sizeof path, "%s/%s.kmsg", folder, module);
    out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        return false;
    }
    schemas_seed(seed);
    schemas_write(module, out);
    return fclose(out) == 0;
}

int main(int argc, char **argv)
{
    unsigned long seed, count;

    if (argc != 4) {
        fputs("usage: write_schemas FOLDER SEED COUNT\n", stderr);
        return 2;
    }
    seed = strtoul(argv[2], NULL, 10);
    count = strtoul(argv[3], NULL, 10);
    for (unsigned long i = 0; i < count; i++)
        if (!write_one(argv[1], seed + i))
            return 1;
    return 0;
}
