/* trust_list.c -- from the text of `trusted` to a list.
 *
 * Whatever is not understood is refused, and with it the whole file: a line that is skipped might
 * be the one that takes a role away. For the same reason the last line has to end: who looks while
 * somebody writes the file in place would see the beginning of a word as a word.
 *
 * First the lines are read, into arrays for as many as there are newlines; then the tables are
 * made, which finds what is there twice. Strings lie in a copy of the text, but for addresses,
 * which are brought into their normal form.
 */
#include "crypto/trust_list.h"

#include "base/err.h"
#include "crypto/secret.h"
#include "crypto/trust_line.h"

#include <sodium.h>
#include <string.h>

#define WORDS_MAX (2 + KMI_TRUST_ROLES_MAX + KMI_TRUST_AT_MAX)

/* ---- tables ---------------------------------------------------------------------------------- */

static bool table_init(kmi_trust_table *table, kmsg_arena *mem, size_t count)
{
    size_t capacity = 2;

    while (capacity < 2 * count)
        capacity *= 2;
    table->slots = kmsg_alloc_array(mem, kmi_trust_slot, capacity);
    table->mask = capacity - 1;
    randombytes_buf(table->hash_key, sizeof table->hash_key);
    return table->slots != NULL;
}

/* Where it is, or the free slot where it would be. */
static kmi_trust_slot *table_slot(const kmi_trust_table *table, const void *bytes, size_t size)
{
    uint8_t hash[crypto_shorthash_BYTES];
    size_t  at;

    crypto_shorthash(hash, bytes, size, table->hash_key);
    memcpy(&at, hash, sizeof at);
    for (;; at++) {
        kmi_trust_slot *slot = &table->slots[at & table->mask];
        if (slot->bytes == NULL || (slot->size == size && kmi_is_equal(slot->bytes, bytes, size)))
            return slot;
    }
}

static const kmi_trusted *table_find(const kmi_trust_list *list, const kmi_trust_table *table,
                                     const void *bytes, size_t size)
{
    const kmi_trust_slot *slot;

    if (list->mem == NULL)
        return NULL;
    slot = table_slot(table, bytes, size);
    return slot->bytes == NULL ? NULL : &list->items[slot->item];
}

const kmi_trusted *kmi_trust_list_find(const kmi_trust_list *list, const kmsg_key *key)
{
    return table_find(list, &list->keys, key->bytes, sizeof key->bytes);
}

const kmi_trusted *kmi_trust_list_find_at(const kmi_trust_list *list, const char *place)
{
    return table_find(list, &list->places, place, strlen(place));
}

/* ---- a line ---------------------------------------------------------------------------------- */

typedef struct reader {
    const char *path;
    unsigned    line;
    size_t      place_count;
} reader;

static kmsg_err wrong(const reader *r, const char *why)
{
    return kmi_error(KMSG_EKEY, "%s:%u: %s", r->path, r->line, why);
}

static bool is_there(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static kmsg_err add_role(const reader *r, const char *role, const char **list, size_t *count)
{
    if (!kmi_trust_is_word(role))
        return wrong(r, "a role has 1 to 63 printable letters, without blanks and '='");
    if (*count == KMI_TRUST_ROLES_MAX)
        return wrong(r, "a key has 32 roles at most");
    if (is_there(list, *count, role))
        return wrong(r, "a role is there twice");
    list[(*count)++] = role;
    return KMSG_OK;
}

static kmsg_err add_place(reader *r, const char *text, kmsg_arena *mem, const char **list,
                          size_t *count)
{
    char place[KMI_TRUST_PLACE_MAX];

    if (!kmi_trust_place(text, place))
        return wrong(r, "at= wants HOST:PORT, as 10.0.0.2:7000, [fe80::1]:7000, db.example:7000");
    if (*count == KMI_TRUST_AT_MAX)
        return wrong(r, "a key has 8 addresses at most");
    if (is_there(list, *count, place))
        return wrong(r, "an address is there twice");
    list[(*count)++] = kmsg_string_copy(mem, kmsg_str(place)).data;
    r->place_count++;
    return kmsg_arena_failed(mem) ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;
}

static const char *const *keep(kmsg_arena *mem, const char *const *list, size_t count)
{
    const char **kept = kmsg_alloc_array(mem, const char *, count);

    if (kept != NULL && count > 0)
        memcpy(kept, list, count * sizeof *kept);
    return kept;
}

static kmsg_err read_options(reader *r, char **words, size_t count, kmsg_arena *mem,
                             kmi_trusted *ret)
{
    const char *roles[KMI_TRUST_ROLES_MAX], *places[KMI_TRUST_AT_MAX];
    kmsg_err    err = KMSG_OK;

    for (size_t i = 0; i < count && err == KMSG_OK; i++) {
        if (strncmp(words[i], "role=", 5) == 0)
            err = add_role(r, words[i] + 5, roles, &ret->role_count);
        else if (strncmp(words[i], "at=", 3) == 0)
            err = add_place(r, words[i] + 3, mem, places, &ret->at_count);
        else if (strcmp(words[i], "revoked") == 0 && count == 1)
            ret->revoked = true;
        else
            err = wrong(r, "behind KEY NAME there are only role=ROLE and at=HOST:PORT, or revoked");
    }
    if (err != KMSG_OK)
        return err;
    ret->roles = keep(mem, roles, ret->role_count);
    ret->at = keep(mem, places, ret->at_count);
    return kmsg_arena_failed(mem) ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;
}

/* *ret_is_one is false for a comment. What is no key is not shown: it might be a secret. */
static kmsg_err read_line(reader *r, char *line, kmsg_arena *mem, kmi_trusted *ret,
                          bool *ret_is_one)
{
    char    *words[WORDS_MAX];
    size_t   count = kmi_trust_split(line, words, WORDS_MAX);
    kmsg_err err;

    *ret_is_one = count > 0;
    if (count == 0)
        return KMSG_OK;
    if (count > WORDS_MAX)
        return wrong(r, "a key has 32 roles and 8 addresses at most");
    if (kmsg_key_parse(words[0], &ret->key) != KMSG_OK)
        return kmi_error(KMSG_EKEY, "%s:%u: a line begins with a key: %s", r->path, r->line,
                         kmsg_last_error());
    if (count < 2 || !kmi_trust_is_word(words[1]))
        return wrong(r, "behind the key there is a name, of 1 to 63 printable letters without '='");
    ret->name = words[1];
    err = read_options(r, words + 2, count - 2, mem, ret);
    return err;
}

/* ---- all lines ------------------------------------------------------------------------------- */

static size_t count_lines(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

static kmsg_err read_lines(reader *r, char *text, size_t size, kmi_trust_list *ret)
{
    size_t begin = 0;

    for (size_t i = 0; i < size; i++) {
        bool     is_one;
        kmsg_err err;
        if (text[i] == '\0')
            return wrong(r, "there is a zero byte; it is no text");
        if (text[i] != '\n')
            continue;
        text[i] = '\0';
        err = read_line(r, text + begin, ret->mem, &ret->items[ret->count], &is_one);
        if (err != KMSG_OK)
            return err;
        if (is_one)
            ret->spans[ret->count++] = (kmi_trust_span){begin, i + 1, r->line};
        begin = i + 1;
        r->line++;
    }
    return begin == size ? KMSG_OK : wrong(r, "the last line does not end with a newline");
}

/* KMSG_EKEY: the item is not the first with these bytes. */
static kmsg_err enter(const reader *r, kmi_trust_list *list, kmi_trust_table *table,
                      const void *bytes, size_t size, size_t item)
{
    kmi_trust_slot *slot = table_slot(table, bytes, size);

    if (slot->bytes != NULL)
        return kmi_error(KMSG_EKEY, "%s:%u: this %s is in line %u already", r->path,
                         list->spans[item].number, table == &list->keys ? "key" : "address",
                         list->spans[slot->item].number);
    *slot = (kmi_trust_slot){bytes, (uint32_t)size, (uint32_t)item};
    return KMSG_OK;
}

static kmsg_err enter_all(const reader *r, kmi_trust_list *list)
{
    if (!table_init(&list->keys, list->mem, list->count) ||
        !table_init(&list->places, list->mem, r->place_count))
        return kmi_error_plain(KMSG_ENOMEM);
    for (size_t i = 0; i < list->count; i++) {
        const kmi_trusted *item = &list->items[i];
        kmsg_err err = enter(r, list, &list->keys, item->key.bytes, sizeof item->key.bytes, i);
        for (size_t k = 0; k < item->at_count && err == KMSG_OK; k++)
            err = enter(r, list, &list->places, item->at[k], strlen(item->at[k]), i);
        if (err != KMSG_OK)
            return err;
    }
    return KMSG_OK;
}

static kmsg_err read_all(const char *path, const char *text, size_t size, kmi_trust_list *ret)
{
    reader   r = {.path = path, .line = 1};
    size_t   lines = count_lines(text, size);
    char    *copy;
    kmsg_err err;

    if (lines > KMI_TRUST_LINES_MAX)
        return kmi_error(KMSG_EKEY, "%s: it has more than %u lines", path, KMI_TRUST_LINES_MAX);
    copy = kmsg_alloc(ret->mem, size, 1);
    ret->items = kmsg_alloc_array(ret->mem, kmi_trusted, lines + 1);
    ret->spans = kmsg_alloc_array(ret->mem, kmi_trust_span, lines + 1);
    if (kmsg_arena_failed(ret->mem))
        return kmi_error_plain(KMSG_ENOMEM);
    if (size > 0)
        memcpy(copy, text, size);
    err = read_lines(&r, copy, size, ret);
    return err == KMSG_OK ? enter_all(&r, ret) : err;
}

kmsg_err kmi_trust_list_read(const char *path, const char *text, size_t size, kmi_trust_list *ret)
{
    kmi_trust_list list = {.mem = kmsg_arena_new()};
    kmsg_err       err;

    if (list.mem == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = read_all(path, text, size, &list);
    if (err == KMSG_OK)
        *ret = list;
    else
        kmi_trust_list_done(&list);
    return err;
}

void kmi_trust_list_done(kmi_trust_list *list)
{
    kmsg_arena_free(list->mem);
    *list = (kmi_trust_list){.mem = NULL};
}
