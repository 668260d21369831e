/* settings.c -- what people may write as seeds and interfaces: it is understood within its limits,
 * or refused with words. The first line is the seeds, the rest the interfaces.
 *
 *     make fuzz F=settings S=60
 */
#include "names/lan_settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void check(const kmi_lan_settings *s)
{
    must(s->seed_count <= KMI_LAN_SEEDS_MAX && s->only_count <= KMI_INTERFACES_MAX);
    for (size_t i = 0; i < s->seed_count; i++)
        must(s->seeds[i].endpoint.port != 0 && kmi_address_has_port(&s->seeds[i]));
    for (size_t i = 0; i < s->only_count; i++) {
        must(s->only[i][0] != '\0' && memchr(s->only[i], '\0', sizeof s->only[i]) != NULL);
        must(strchr(s->only[i], ',') == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                  *text = malloc(size + 1), *line;
    kmsg_directory_options options = {.port = 1};
    kmi_lan_settings       s;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    options.seeds = text;
    line = strchr(text, '\n');
    if (line != NULL) {
        *line = '\0';
        options.multicast = line + 1;
    }
    if (kmi_lan_settings_get(&options, &s) == KMSG_OK)
        check(&s);
    else
        must(kmsg_last_error()[0] != '\0');
    free(text);
    return 0;
}
