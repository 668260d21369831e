/* key.c -- `kmsg key`: this host's key, and whom it trusts.
 *
 * All of it is done by crypto/: nodes read the same files by the same functions. What is printed on
 * stdout is for programs, with nothing around it; what is to be done next is said on stderr.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include "crypto/key.h"
#include "crypto/secret.h"
#include "crypto/trust.h"
#include "crypto/trust_line.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET 32u

static bool fail(kmsg_err err)
{
    const char *words = kmsg_last_error();

    return cli_fail("%s", words[0] != '\0' ? words : kmsg_strerror(err));
}

static bool path_of(const cli_options *o, const char *name, char ret[KMI_KEY_PATH_MAX])
{
    kmsg_err err = kmi_key_path(o->folder, name, ret);

    return err == KMSG_OK || fail(err);
}

/* ---- this host ------------------------------------------------------------------------------- */

static void print_key(const kmsg_key *key)
{
    char text[KMSG_KEY_TEXT];

    kmsg_key_print(key, text);
    puts(text);
}

static kmsg_err load_own(const char *path, kmsg_key *ret)
{
    kmi_vault vault = {.size = SECRET};
    uint8_t  *secret = kmi_vault_take(&vault);
    kmsg_err  err = KMSG_ENOMEM;

    if (secret != NULL)
        err = kmi_key_load(path, secret, ret);
    kmi_vault_give(&vault, secret);
    kmi_vault_done(&vault);
    return err;
}

/* By which the others may call this host. */
static const char *host_name(char ret[KMI_TRUST_NAME_MAX])
{
    if (gethostname(ret, KMI_TRUST_NAME_MAX) != 0)
        return "NAME";
    ret[KMI_TRUST_NAME_MAX - 1] = '\0';
    return kmi_trust_is_word(ret) ? ret : "NAME";
}

static bool key_new(const cli_options *o)
{
    char     path[KMI_KEY_PATH_MAX], text[KMSG_KEY_TEXT], name[KMI_TRUST_NAME_MAX];
    kmsg_key key;
    kmsg_err err;

    if (!path_of(o, "key", path))
        return false;
    err = kmi_key_new(path, &key);
    if (err != KMSG_OK)
        return fail(err);
    print_key(&key);
    kmsg_key_print(&key, text);
    fprintf(stderr, "kmsg: run on each of the other hosts: kmsg key trust %s %s\n", text,
            host_name(name));
    return cli_flush();
}

static bool key_show(const cli_options *o)
{
    char     path[KMI_KEY_PATH_MAX];
    kmsg_key key;
    kmsg_err err;

    if (!path_of(o, "key", path))
        return false;
    err = load_own(path, &key);
    if (err != KMSG_OK)
        return fail(err);
    print_key(&key);
    return cli_flush();
}

static bool key_cluster(const cli_options *o)
{
    char     path[KMI_KEY_PATH_MAX];
    kmsg_err err;

    if (!path_of(o, "cluster", path))
        return false;
    err = kmi_cluster_new(path, o->files[1]);
    if (err != KMSG_OK)
        return fail(err);
    fprintf(stderr, "kmsg: copy it, as it is, to all hosts of the cluster: %s\n", path);
    return true;
}

/* ---- the others ------------------------------------------------------------------------------ */

/* The list as it is in the file; NULL, and said why. */
static kmi_trust *open_list(const cli_options *o)
{
    char       path[KMI_KEY_PATH_MAX];
    kmi_trust *trust;
    kmsg_err   err;
    bool       changed;

    if (!path_of(o, "trusted", path))
        return NULL;
    trust = kmi_trust_new(path);
    err = trust == NULL ? KMSG_ENOMEM : kmi_trust_refresh(trust, &changed);
    if (err == KMSG_OK)
        return trust;
    fail(err);
    kmi_trust_free(trust);
    return NULL;
}

static bool close_list(kmi_trust *trust, kmsg_err err)
{
    bool good = err == KMSG_OK || fail(err);

    kmi_trust_free(trust);
    return good;
}

/* " role=ops role=reader"; returns its width, and prints it if that is wanted. */
static size_t roles_of(const kmi_trusted *item, bool print)
{
    size_t width = 0;

    for (size_t i = 0; i < item->role_count; i++) {
        width += strlen(" role=") + strlen(item->roles[i]);
        if (print)
            printf(" role=%s", item->roles[i]);
    }
    return width;
}

static void print_item(const kmi_trusted *item, size_t name_width, size_t roles_width)
{
    char   text[KMSG_KEY_TEXT];
    bool   has_more = item->role_count + item->at_count > 0;
    size_t width;

    kmsg_key_print(&item->key, text);
    printf("%s %-*s", text, has_more ? (int)name_width : 0, item->name);
    width = roles_of(item, true);
    if (item->at_count > 0)
        printf("%*s", (int)(roles_width - width), "");
    for (size_t i = 0; i < item->at_count; i++)
        printf(" at=%s", item->at[i]);
    putchar('\n');
}

static bool key_list(const cli_options *o)
{
    kmi_trust *trust = open_list(o);
    size_t     name_width = 0, roles_width = 0;

    if (trust == NULL)
        return false;
    for (size_t i = 0; i < kmi_trust_count(trust); i++) {
        const kmi_trusted *item = kmi_trust_get(trust, i);
        size_t name = item->revoked ? 0 : strlen(item->name), roles = roles_of(item, false);
        name_width = name > name_width ? name : name_width;
        roles_width = roles > roles_width ? roles : roles_width;
    }
    for (size_t i = 0; i < kmi_trust_count(trust); i++)
        if (!kmi_trust_get(trust, i)->revoked)
            print_item(kmi_trust_get(trust, i), name_width, roles_width);
    kmi_trust_free(trust);
    return cli_flush();
}

static void warn_of_own(const cli_options *o, const kmsg_key *key)
{
    char     path[KMI_KEY_PATH_MAX];
    kmsg_key own;

    if (kmi_key_path(o->folder, "key", path) == KMSG_OK && load_own(path, &own) == KMSG_OK &&
        memcmp(&own, key, sizeof own) == 0)
        fputs("kmsg: warning: this is this host's own key; it is the other hosts that are to "
              "trust it\n",
              stderr);
}

static bool key_trust(const cli_options *o)
{
    kmi_trusted line = {
        .name = o->file_count > 2 ? o->files[2] : NULL,
        .roles = o->roles,
        .role_count = o->role_count,
        .at = o->places,
        .at_count = o->place_count,
    };
    kmsg_err   err = kmsg_key_parse(o->files[1], &line.key);
    kmi_trust *trust;

    if (err != KMSG_OK)
        return fail(err);
    trust = open_list(o);
    if (trust == NULL)
        return false;
    warn_of_own(o, &line.key);
    return close_list(trust, kmi_trust_add(trust, &line));
}

/* How many have this name; *ret is the key of one of them. */
static size_t find_name(const kmi_trust *trust, const char *name, kmsg_key *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < kmi_trust_count(trust); i++) {
        const kmi_trusted *item = kmi_trust_get(trust, i);
        if (!item->revoked && strcmp(item->name, name) == 0) {
            *ret = item->key;
            count++;
        }
    }
    return count;
}

static bool key_revoke(const cli_options *o)
{
    kmi_trust *trust = open_list(o);
    kmsg_key   key;
    size_t     count;

    if (trust == NULL)
        return false;
    count = find_name(trust, o->files[1], &key);
    if (count == 0 && kmsg_key_parse(o->files[1], &key) != KMSG_OK)
        cli_fail("nobody who is trusted has this name, nor is it a key (%s): see `kmsg key list`",
                 kmsg_last_error());
    else if (count > 1)
        cli_fail("%zu keys have this name: say which by its key, from `kmsg key list`", count);
    else
        return close_list(trust, kmi_trust_remove(trust, &key));
    kmi_trust_free(trust);
    return false;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*run)(const cli_options *o);
    size_t      min, max; /* words behind it */
    const char *usage;
} actions[] = {
    {"new", key_new, 0, 0, "kmsg key new"},
    {"show", key_show, 0, 0, "kmsg key show"},
    {"list", key_list, 0, 0, "kmsg key list"},
    {"trust", key_trust, 1, 2, "kmsg key trust KEY [NAME] [--role ROLE] [--at HOST:PORT]"},
    {"revoke", key_revoke, 1, 1, "kmsg key revoke KEY|NAME"},
    {"cluster", key_cluster, 1, 1, "kmsg key cluster NAME"},
};

bool cli_key(const cli_options *o)
{
    size_t words = o->file_count;

    if (words == 0)
        cli_usage("what is to be done with keys? new, show, list, trust, revoke or cluster", "");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, o->files[0]) != 0)
            continue;
        if (words - 1 < actions[i].min || words - 1 > actions[i].max)
            cli_usage("it is used so: ", actions[i].usage);
        if (o->role_count + o->place_count > 0 && actions[i].run != key_trust)
            cli_usage("--role and --at belong to kmsg key trust", "");
        return actions[i].run(o);
    }
    cli_usage("new, show, list, trust, revoke or cluster can be done with keys, not ", o->files[0]);
}
