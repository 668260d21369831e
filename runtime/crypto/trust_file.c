/* trust_file.c -- changing `trusted` as a careful person would.
 *
 * The lock is a file beside it, which stays: the file itself is another one after each change. Who
 * has the lock reads the file, and changes it only if all of it is right; one line is taken out, or
 * put in, or in the place of another; all others stay as they are, to the byte. What is to be
 * written is read as any reader would do it before it takes the old one's place: so no change
 * leads to a file that is refused.
 */
#define _XOPEN_SOURCE 700
#include "crypto/trust_file.h"

#include "base/alloc.h"
#include "base/err.h"
#include "crypto/trust_line.h"
#include "crypto/trust_list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROWTH        4096u /* of a file while it is read, which somebody writes to in place */
#define LINE_MAX_SIZE 8192u /* a key, a name, 32 roles and 8 addresses have 4,700 */

/* ---- the text -------------------------------------------------------------------------------- */

static kmsg_err read_text(const char *path, kmi_trust_text *text)
{
    size_t room;

    if (text->file.about.st_size > (off_t)KMI_TRUST_FILE_MAX)
        return kmi_error(KMSG_EKEY, "%s: it is larger than 16 MiB", path);
    room = (size_t)text->file.about.st_size + GROWTH;
    room = room < KMI_TRUST_FILE_MAX ? room : KMI_TRUST_FILE_MAX;
    text->text = kmi_alloc(room);
    if (text->text == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    return kmi_file_read(&text->file, path, text->text, room, &text->size);
}

kmsg_err kmi_trust_text_read(const char *path, kmi_trust_text *ret)
{
    kmi_trust_text text = {.file = {.fd = -1}};
    kmsg_err       err = kmi_file_open(path, KMI_FILE_GUARDED, &text.file);

    if (err == KMSG_OK && text.file.fd >= 0)
        err = read_text(path, &text);
    if (err == KMSG_OK)
        *ret = text;
    else
        kmi_trust_text_done(&text);
    return err;
}

void kmi_trust_text_done(kmi_trust_text *text)
{
    kmi_file_close(&text->file);
    kmi_free(text->text);
    text->text = NULL;
}

/* ---- under the lock -------------------------------------------------------------------------- */

typedef struct change {
    char           path[KMI_FILE_PATH_MAX]; /* of the file itself, no link to it */
    int            lock;
    kmi_trust_text text;
    kmi_trust_list list;
} change;

static void end(change *c)
{
    kmi_trust_list_done(&c->list);
    kmi_trust_text_done(&c->text);
    close(c->lock);
}

static kmsg_err begin(const char *path, change *ret)
{
    char     real[PATH_MAX > KMI_FILE_PATH_MAX ? PATH_MAX : KMI_FILE_PATH_MAX];
    kmsg_err err;

    if (realpath(path, real) == NULL)
        snprintf(real, sizeof real, "%s", path);
    if (strlen(real) >= sizeof ret->path)
        return kmi_error(KMSG_EKEY, "%.80s..: the path is too long", path);
    *ret = (change){.text = {.file = {.fd = -1}}};
    memcpy(ret->path, real, strlen(real) + 1);
    err = kmi_file_lock(ret->path, &ret->lock);
    if (err != KMSG_OK)
        return err;
    err = kmi_trust_text_read(ret->path, &ret->text);
    if (err == KMSG_OK)
        err = kmi_trust_list_read(ret->path, ret->text.text, ret->text.size, &ret->list);
    if (err != KMSG_OK)
        end(ret);
    return err;
}

/* `line` in place of what lies in `from` to `to`. */
static kmsg_err put(change *c, size_t from, size_t to, const char *line)
{
    size_t         size = strlen(line), behind = c->text.size - to;
    char          *text = kmi_alloc(from + size + behind + 1);
    kmi_trust_list list;
    kmsg_err       err;

    if (text == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (from > 0)
        memcpy(text, c->text.text, from);
    memcpy(text + from, line, size);
    if (behind > 0)
        memcpy(text + from + size, c->text.text + to, behind);
    size += from + behind;
    err = size > KMI_TRUST_FILE_MAX
              ? kmi_error(KMSG_EKEY, "%s: it would be larger than 16 MiB", c->path)
              : kmi_trust_list_read(c->path, text, size, &list);
    if (err == KMSG_OK) {
        kmi_trust_list_done(&list);
        err = kmi_file_replace(c->path, &c->text.file, text, size);
    }
    kmi_free(text);
    return err;
}

/* Where it lies in the file; at the end if it is not there. */
static kmi_trust_span span_of(const change *c, const kmi_trusted *item)
{
    return item == NULL ? (kmi_trust_span){c->text.size, c->text.size, 0}
                        : c->list.spans[item - c->list.items];
}

/* ---- a line ---------------------------------------------------------------------------------- */

/* A key, a name, roles and addresses: what was there, and what comes. */
typedef struct merged {
    const char *name;
    const char *roles[KMI_TRUST_ROLES_MAX];
    size_t      role_count;
    char        at[KMI_TRUST_AT_MAX][KMI_TRUST_PLACE_MAX];
    size_t      at_count;
    char        own_name[9]; /* for who has none: the first letters of his key */
} merged;

static kmsg_err add_role(const char *role, merged *m)
{
    for (size_t i = 0; i < m->role_count; i++)
        if (strcmp(m->roles[i], role) == 0)
            return KMSG_OK;
    if (!kmi_trust_is_word(role))
        return kmi_error(KMSG_EKEY, "not a role: 1 to 63 printable letters without blanks and '='");
    if (m->role_count == KMI_TRUST_ROLES_MAX)
        return kmi_error(KMSG_EKEY, "a key has 32 roles at most");
    m->roles[m->role_count++] = role;
    return KMSG_OK;
}

static kmsg_err add_place(const change *c, const kmsg_key *key, const char *at, merged *m)
{
    char               place[KMI_TRUST_PLACE_MAX];
    const kmi_trusted *other;

    if (!kmi_trust_place(at, place))
        return kmi_error(KMSG_EKEY, "not an address: HOST:PORT is expected, as 10.0.0.2:7000, "
                                    "[fe80::1]:7000, db.example:7000");
    other = kmi_trust_list_find_at(&c->list, place);
    if (other != NULL && memcmp(&other->key, key, sizeof *key) != 0)
        return kmi_error(KMSG_EEXIST, "%s: another key, %s, is expected at %s; revoke it first",
                         c->path, other->name, place);
    for (size_t i = 0; i < m->at_count; i++)
        if (strcmp(m->at[i], place) == 0)
            return KMSG_OK;
    if (m->at_count == KMI_TRUST_AT_MAX)
        return kmi_error(KMSG_EKEY, "a key has 8 addresses at most");
    memcpy(m->at[m->at_count++], place, sizeof place);
    return KMSG_OK;
}

static kmsg_err merge(const change *c, const kmi_trusted *line, merged *m)
{
    kmsg_err err = KMSG_OK;

    if (line->name != NULL && line->name[0] != '\0')
        m->name = line->name;
    if (!kmi_trust_is_word(m->name))
        return kmi_error(KMSG_EKEY, "not a name: 1 to 63 printable letters without blanks and '=', "
                                    "and no '#' at the beginning");
    for (size_t i = 0; i < line->role_count && err == KMSG_OK; i++)
        err = add_role(line->roles[i], m);
    for (size_t i = 0; i < line->at_count && err == KMSG_OK; i++)
        err = add_place(c, &line->key, line->at[i], m);
    return err;
}

static void print_line(const kmsg_key *key, const merged *m, char ret[LINE_MAX_SIZE])
{
    char   text[KMSG_KEY_TEXT];
    size_t at;

    kmsg_key_print(key, text);
    at = (size_t)snprintf(ret, LINE_MAX_SIZE, "%s %s", text, m->name);
    for (size_t i = 0; i < m->role_count; i++)
        at += (size_t)snprintf(ret + at, LINE_MAX_SIZE - at, " role=%s", m->roles[i]);
    for (size_t i = 0; i < m->at_count; i++)
        at += (size_t)snprintf(ret + at, LINE_MAX_SIZE - at, " at=%s", m->at[i]);
    snprintf(ret + at, LINE_MAX_SIZE - at, "\n");
}

static kmsg_err add(change *c, const kmi_trusted *line)
{
    const kmi_trusted *old = kmi_trust_list_find(&c->list, &line->key);
    kmi_trust_span     span = span_of(c, old);
    merged             m = {.name = m.own_name};
    char               text[KMSG_KEY_TEXT], printed[LINE_MAX_SIZE];
    kmsg_err           err = KMSG_OK;

    kmsg_key_print(&line->key, text);
    memcpy(m.own_name, text, sizeof m.own_name - 1);
    if (old != NULL && !old->revoked)
        err = merge(c, old, &m);
    if (err == KMSG_OK)
        err = merge(c, line, &m);
    if (err != KMSG_OK)
        return err;
    print_line(&line->key, &m, printed);
    return put(c, span.begin, span.end, printed);
}

/* ---- what others call ------------------------------------------------------------------------ */

kmsg_err kmi_trust_file_add(const char *path, const kmi_trusted *line)
{
    change   c;
    kmsg_err err = begin(path, &c);

    if (err != KMSG_OK)
        return err;
    err = add(&c, line);
    end(&c);
    return err;
}

static kmsg_err shut_out(change *c, const kmsg_key *key)
{
    const kmi_trusted *item = kmi_trust_list_find(&c->list, key);
    kmi_trust_span     span = span_of(c, item);
    char               text[KMSG_KEY_TEXT], line[LINE_MAX_SIZE];

    if (item == NULL || item->revoked)
        return kmi_error(KMSG_ENOENT, "%s: this key is not in it", c->path);
    kmsg_key_print(key, text);
    snprintf(line, sizeof line, "%s %s revoked\n", text, item->name);
    return put(c, span.begin, span.end, line);
}

kmsg_err kmi_trust_file_remove(const char *path, const kmsg_key *key)
{
    change   c;
    kmsg_err err = begin(path, &c);

    if (err != KMSG_OK)
        return err;
    err = shut_out(&c, key);
    end(&c);
    return err;
}
