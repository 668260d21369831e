/* trust.c -- what people write, against those who read it: the list of the trusted, the files with
 * a secret, a key, an address.
 *
 * What is taken comes back when it is written anew, and is found by all that it can be found by.
 * What is refused is explained, in words that name the file.
 */
#define _GNU_SOURCE
#include "crypto/key.h"
#include "crypto/trust_line.h"
#include "crypto/trust_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

/* ---- the list -------------------------------------------------------------------------------- */

static void same_items(const kmi_trusted *a, const kmi_trusted *b)
{
    must(memcmp(&a->key, &b->key, sizeof a->key) == 0 && strcmp(a->name, b->name) == 0);
    must(a->role_count == b->role_count && a->at_count == b->at_count);
    for (size_t i = 0; i < a->role_count; i++)
        must(strcmp(a->roles[i], b->roles[i]) == 0);
    for (size_t i = 0; i < a->at_count; i++)
        must(strcmp(a->at[i], b->at[i]) == 0);
}

static void print_list(const kmi_trust_list *list, FILE *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const kmi_trusted *item = &list->items[i];
        char               text[KMSG_KEY_TEXT];
        kmsg_key_print(&item->key, text);
        fprintf(out, "%s %s", text, item->name);
        for (size_t k = 0; k < item->role_count; k++)
            fprintf(out, " role=%s", item->roles[k]);
        for (size_t k = 0; k < item->at_count; k++)
            fprintf(out, " at=%s", item->at[k]);
        putc('\n', out);
    }
}

static void is_found(const kmi_trust_list *list, const uint8_t *data, size_t size, size_t i)
{
    const kmi_trusted   *item = &list->items[i];
    const kmi_trust_span span = list->spans[i];

    must(kmi_trust_is_word(item->name) && item->role_count <= KMI_TRUST_ROLES_MAX &&
         item->at_count <= KMI_TRUST_AT_MAX);
    must(kmi_trust_list_find(list, &item->key) == item);
    for (size_t k = 0; k < item->at_count; k++)
        must(kmi_trust_list_find_at(list, item->at[k]) == item);
    must(span.begin < span.end && span.end <= size && data[span.end - 1] == '\n');
    must(span.begin == (i == 0 ? span.begin : list->spans[i - 1].end) ||
         data[span.begin - 1] == '\n');
}

static void read_list(const uint8_t *data, size_t size)
{
    kmi_trust_list list, again;
    kmsg_err       err = kmi_trust_list_read("FILE", (const char *)data, size, &list);
    char          *text;
    size_t         text_size;
    FILE          *out;

    if (err != KMSG_OK) {
        must(err == KMSG_EKEY && strncmp(kmsg_last_error(), "FILE:", 5) == 0);
        return;
    }
    for (size_t i = 0; i < list.count; i++)
        is_found(&list, data, size, i);
    out = open_memstream(&text, &text_size);
    must(out != NULL);
    print_list(&list, out);
    fclose(out);
    must(kmi_trust_list_read("FILE", text, text_size, &again) == KMSG_OK);
    must(again.count == list.count);
    for (size_t i = 0; i < list.count; i++)
        same_items(&list.items[i], &again.items[i]);
    kmi_trust_list_done(&again);
    kmi_trust_list_done(&list);
    free(text);
}

/* ---- files with a secret --------------------------------------------------------------------- */

static void read_secrets(const uint8_t *data, size_t size)
{
    int         fd = memfd_create("secret", MFD_CLOEXEC);
    char        path[32];
    uint8_t     secret[32];
    kmsg_key    key;
    kmi_cluster cluster;
    kmsg_err    err;

    must(fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    err = kmi_key_load(path, secret, &key);
    must(err == KMSG_OK || (err == KMSG_EKEY && strstr(kmsg_last_error(), path) != NULL));
    err = kmi_cluster_load(path, secret, &cluster);
    must(err == KMSG_OK || (err == KMSG_EKEY && strstr(kmsg_last_error(), path) != NULL));
    must(err != KMSG_OK || (cluster.is_there && kmi_trust_is_word(cluster.name)));
    close(fd);
}

/* ---- a key, an address ----------------------------------------------------------------------- */

static void read_key(const char *text)
{
    kmsg_key key;
    char     back[KMSG_KEY_TEXT];
    size_t   at = 0;

    if (kmsg_key_parse(text, &key) != KMSG_OK) {
        must(kmsg_last_error()[0] != '\0');
        return;
    }
    kmsg_key_print(&key, back);
    for (; *text != '\0'; text++)
        if (*text != '-')
            must((*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text) == back[at++]);
    must(back[at] == '\0');
}

static void read_place(const char *text)
{
    char place[KMI_TRUST_PLACE_MAX], again[KMI_TRUST_PLACE_MAX];

    if (kmi_trust_place(text, place))
        must(kmi_trust_place(place, again) && strcmp(place, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    read_list(data, size);
    read_secrets(data, size);
    read_key(text);
    read_place(text);
    free(text);
    return 0;
}
