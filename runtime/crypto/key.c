/* key.c -- the two files with a secret in them: a host's key, and what a cluster has in common.
 *
 * Both are text: comments, which say what the file is, and a line for the secret. So who finds one
 * knows what he has, a copy by hand is noticed when it is wrong, and the same line in the wrong
 * file is not taken for what it is not.
 *
 * What holds a secret for a moment, the file's text too, lies in a vault of its own, which is
 * wiped; so files are read and written past stdio, whose buffers nobody wipes.
 */
#define _GNU_SOURCE
#include "crypto/key.h"

#include "base/err.h"
#include "crypto/file.h"
#include "crypto/key_text.h"
#include "crypto/secret.h"
#include "crypto/trust_line.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SECRET    32u
#define TEXT_SIZE 4096u /* of a file with a secret: ours have 400 bytes */

/* ---- where they are -------------------------------------------------------------------------- */

/* Who runs with more rights than his caller does not go by his caller's environment. */
static const char *variable(const char *name)
{
    const char *value = secure_getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

kmsg_err kmi_key_path(const char *folder, const char *name, char ret[KMI_KEY_PATH_MAX])
{
    const char *within = "";
    char        path[KMI_KEY_PATH_MAX];
    int         size;

    if (folder != NULL && folder[0] == '\0')
        return kmi_error(KMSG_EKEY, "the folder of the keys has an empty name");
    if (folder == NULL)
        folder = variable("KMSG_HOME");
    if (folder == NULL && (folder = variable("XDG_CONFIG_HOME")) != NULL) {
        folder = folder[0] == '/' ? folder : NULL; /* as its specification asks for */
        within = "/kmsg";
    }
    if (folder == NULL && (folder = variable("HOME")) != NULL)
        within = "/.config/kmsg";
    if (folder == NULL)
        return kmi_error(KMSG_EKEY, "where are the keys? Set KMSG_HOME to their folder, or HOME");
    size = snprintf(path, sizeof path, "%s%s/%s", folder, within, name);
    if (size < 0 || (size_t)size >= sizeof path)
        return kmi_error(KMSG_EKEY, "%.80s..: the path is too long", folder);
    memcpy(ret, path, (size_t)size + 1);
    return KMSG_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What a file says, and its text. */
typedef struct contents {
    uint8_t secret[SECRET];
    char    name[KMI_CLUSTER_MAX]; /* of the cluster */
    bool    has_secret, has_name;
    char    text[TEXT_SIZE + 1];
} contents;

typedef struct reader {
    const char  *path;
    kmi_key_kind kind;
    unsigned     line;
} reader;

/* The line itself is not shown: there may be a secret in it. */
static kmsg_err wrong(const reader *r, const char *why)
{
    return kmi_error(KMSG_EKEY, "%s:%u: %s", r->path, r->line, why);
}

static kmsg_err read_secret(const reader *r, const char *text, contents *ret)
{
    if (ret->has_secret)
        return wrong(r, "there is a secret already; a file has one");
    switch (kmi_key_from_text(r->kind, text, ret->secret)) {
    case KMI_TEXT_GOOD: ret->has_secret = true; return KMSG_OK;
    case KMI_TEXT_SIZE: return wrong(r, "the secret is damaged: it should have 56 letters");
    case KMI_TEXT_LETTER: return wrong(r, "the secret is damaged: letters are a to z and 2 to 7");
    case KMI_TEXT_CHECKSUM: break;
    }
    return wrong(r, "the secret is mistyped, or that of another file: its checksum is wrong");
}

static kmsg_err read_name(const reader *r, const char *text, contents *ret)
{
    if (ret->has_name)
        return wrong(r, "there is a name already; a cluster has one");
    if (!kmi_trust_is_word(text))
        return wrong(r, "a cluster's name has 1 to 63 printable letters and no blanks");
    memcpy(ret->name, text, strlen(text) + 1);
    ret->has_name = true;
    return KMSG_OK;
}

static kmsg_err read_line(const reader *r, char *line, contents *ret)
{
    char *words[2];

    switch (kmi_trust_split(line, words, 2)) {
    case 0: return KMSG_OK;
    case 2:
        if (strcmp(words[0], "secret") == 0)
            return read_secret(r, words[1], ret);
        if (strcmp(words[0], "cluster") == 0 && r->kind == KMI_KIND_CLUSTER)
            return read_name(r, words[1], ret);
        break;
    default: break;
    }
    return wrong(r, r->kind == KMI_KIND_CLUSTER
                        ? "only `cluster NAME`, `secret ..` and comments belong here"
                        : "only `secret ..` and comments belong here");
}

static kmsg_err read_text(reader *r, size_t size, contents *ret)
{
    kmsg_err err = KMSG_OK;
    char    *text = ret->text, *end = text + size;

    *end = '\0';
    if (strlen(text) != size)
        return kmi_error(KMSG_EKEY, "%s: there are zero bytes in it; it is damaged", r->path);
    while (text < end && err == KMSG_OK) {
        char *next = memchr(text, '\n', (size_t)(end - text));
        if (next == NULL)
            next = end;
        *next = '\0';
        r->line++;
        err = read_line(r, text, ret);
        text = next + 1;
    }
    if (err == KMSG_OK && !ret->has_secret)
        return kmi_error(KMSG_EKEY, "%s: there is no secret in it; it is damaged", r->path);
    if (err == KMSG_OK && r->kind == KMI_KIND_CLUSTER && !ret->has_name)
        return kmi_error(KMSG_EKEY, "%s: the line `cluster NAME` is missing", r->path);
    return err;
}

/* A file that is not there leaves `ret` as it was, all zero. */
static kmsg_err read_file(const char *path, kmi_key_kind kind, contents *ret)
{
    reader   r = {.path = path, .kind = kind};
    kmi_file file;
    size_t   size;
    kmsg_err err = kmi_file_open(path, KMI_FILE_SECRET, &file);

    if (err != KMSG_OK || file.fd < 0)
        return err;
    err = kmi_file_read(&file, path, ret->text, TEXT_SIZE, &size);
    if (err == KMSG_OK)
        err = read_text(&r, size, ret);
    kmi_file_close(&file);
    return err;
}

static kmsg_err load_key(const char *path, contents *c, uint8_t ret_secret[32], kmsg_key *ret)
{
    kmsg_err err = read_file(path, KMI_KIND_SECRET, c);

    if (err != KMSG_OK)
        return err;
    if (!c->has_secret)
        return kmi_error(KMSG_EKEY, "there is no key at %s: make one with `kmsg key new`", path);
    memcpy(ret_secret, c->secret, SECRET);
    crypto_scalarmult_base(ret->bytes, c->secret);
    return KMSG_OK;
}

kmsg_err kmi_key_load(const char *path, uint8_t ret_secret[32], kmsg_key *ret)
{
    kmi_vault vault = {.size = sizeof(contents)};
    contents *c = kmi_vault_take(&vault);
    kmsg_err  err = c == NULL ? kmi_error_plain(KMSG_ENOMEM) : load_key(path, c, ret_secret, ret);

    kmi_vault_give(&vault, c);
    kmi_vault_done(&vault);
    return err;
}

kmsg_err kmi_cluster_load(const char *path, uint8_t ret_secret[32], kmi_cluster *ret)
{
    kmi_vault vault = {.size = sizeof(contents)};
    contents *c = kmi_vault_take(&vault);
    kmsg_err  err = c == NULL ? kmi_error_plain(KMSG_ENOMEM) : read_file(path, KMI_KIND_CLUSTER, c);

    if (err == KMSG_OK) {
        memcpy(ret_secret, c->secret, SECRET);
        memcpy(ret->name, c->name, sizeof c->name);
        ret->is_there = c->has_secret;
    }
    kmi_vault_give(&vault, c);
    kmi_vault_done(&vault);
    return err;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* A secret, and the text around it. */
typedef struct draft {
    uint8_t secret[SECRET];
    char    head[512]; /* what stands above the secret's line */
    char    line[KMSG_KEY_TEXT];
    char    text[1024];
} draft;

static draft *draft_new(kmi_vault *vault)
{
    draft *d = kmi_vault_take(vault);

    if (d != NULL)
        randombytes_buf(d->secret, SECRET);
    return d;
}

static void draft_free(kmi_vault *vault, draft *d)
{
    kmi_vault_give(vault, d);
    kmi_vault_done(vault);
}

static kmsg_err draft_write(draft *d, kmi_key_kind kind, const char *path)
{
    int size;

    kmi_key_as_text(kind, d->secret, d->line);
    size = snprintf(d->text, sizeof d->text, "%ssecret %s\n", d->head, d->line);
    return kmi_file_new(path, d->text, (size_t)size);
}

kmsg_err kmi_key_new(const char *path, kmsg_key *ret)
{
    kmi_vault vault = {.size = sizeof(draft)};
    draft    *d = draft_new(&vault);
    kmsg_key  key;
    char      shown[KMSG_KEY_TEXT];
    kmsg_err  err;

    if (d == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    crypto_scalarmult_base(key.bytes, d->secret);
    kmsg_key_print(&key, shown);
    snprintf(
        d->head, sizeof d->head,
        "# The secret of a host that speaks kmsg. Who has it is taken for this host: it never\n"
        "# leaves the host, and nobody else can read it. The others know the host by its public\n"
        "# key, which is no secret: kmsg key trust %s\n",
        shown);
    err = draft_write(d, KMI_KIND_SECRET, path);
    draft_free(&vault, d);
    if (err == KMSG_OK)
        *ret = key;
    return err == KMSG_EEXIST
               ? kmi_error(err, "%s: there is a key already, and it stays: `kmsg key show`", path)
               : err;
}

kmsg_err kmi_cluster_new(const char *path, const char *name)
{
    kmi_vault vault = {.size = sizeof(draft)};
    draft    *d;
    kmsg_err  err;

    if (!kmi_trust_is_word(name))
        return kmi_error(KMSG_EKEY, "a cluster's name has 1 to 63 printable letters and no blanks");
    d = draft_new(&vault);
    if (d == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    snprintf(
        d->head, sizeof d->head,
        "# The name and the secret of a cluster. All of its hosts have this file, as it is, and\n"
        "# nobody else can read it. Who does not have it cannot speak with them at all.\n"
        "cluster %s\n",
        name);
    err = draft_write(d, KMI_KIND_CLUSTER, path);
    draft_free(&vault, d);
    return err == KMSG_EEXIST
               ? kmi_error(err, "%s: there is a cluster's secret already, and it stays", path)
               : err;
}
