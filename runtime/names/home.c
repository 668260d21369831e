/* home.c -- this process among names: who it is, how it was set up, and the directories that it
 * serves, each a node with a thread of its own, so that they answer whatever the program's own
 * threads are doing.
 *
 * A directory begins when a node of this process needs one and finds none, and ends with the last
 * node that uses names. All of it is under one lock, and a forked child begins anew.
 */
#define _GNU_SOURCE
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/forked.h"
#include "base/log.h"
#include "names/directory.h"
#include "names/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 1024u

static struct {
    bool                   begun; /* somebody uses names */
    bool                   grouped;
    bool                   set;
    unsigned               forks;
    uint64_t               process;
    kmi_names             *all;
    kmsg_node             *served[KMI_REACHES];
    bool                   reaches_host; /* somebody uses the host's directory */
    kmsg_directory_options options;
    char                   url[KMI_PATH_MAX + 8];
    char                   group[KMSG_NAME_MAX + 1];
    char                   folder[KMI_PATH_MAX];
    char                   seeds[TEXT_MAX];
    char                   multicast[256];
} home;

/* Under the lock. What a parent had is the parent's. */
static bool has_begun(void)
{
    kmi_forks_count();
    return home.begun && home.forks == kmi_forks;
}

/* In a child: a directory's socket that stays open there would be one where nobody answers, and
 * nobody else could serve, once the parent is gone. */
static void leave_to_parent(void)
{
    for (int i = 0; i < KMI_REACHES; i++) {
        kmsg_node_free(home.served[i]);
        home.served[i] = NULL;
    }
}

/* Under the lock. */
static void begin(void)
{
    if (has_begun())
        return;
    kmi_forks_tell(leave_to_parent);
    home.all = NULL;
    memset(home.served, 0, sizeof home.served);
    home.reaches_host = false;
    kmi_sys_uv.random(&home.process, sizeof home.process);
    home.forks = kmi_forks;
    home.begun = true;
    if (!home.grouped && getenv("KMSG_GROUP") != NULL && getenv("KMSG_GROUP")[0] != '\0')
        home.grouped = snprintf(home.group, sizeof home.group, "%s", getenv("KMSG_GROUP")) > 0;
    if (!home.grouped)
        snprintf(home.group, sizeof home.group, "#%016" PRIx64, home.process);
}

kmi_home kmi_home_get(void)
{
    return (kmi_home){.process = home.process,
                      .pid = (uint32_t)getpid(),
                      .group = home.group,
                      .program = program_invocation_short_name};
}

/* ---- set-up -------------------------------------------------------------------------------- */

kmsg_err kmsg_set_group(const char *group)
{
    kmsg_err err = KMSG_OK;

    if (group[0] == '\0' || group[0] == '#' || strlen(group) > KMSG_NAME_MAX ||
        !kmsg_utf8_valid(group, strlen(group)))
        return kmi_error(KMSG_EINVAL,
                         "the name of a group is UTF-8, of 1 to %u bytes, the first not '#'",
                         KMSG_NAME_MAX);
    kmi_lock_take(KMI_LOCK_HOME);
    if (has_begun())
        err = kmi_error(KMSG_EEXIST, "a group is chosen before the first name is used");
    else
        snprintf(home.group, sizeof home.group, "%s", group);
    home.grouped |= err == KMSG_OK;
    kmi_lock_give(KMI_LOCK_HOME);
    return err;
}

static bool keep(const char **text, char *room, size_t size)
{
    if (*text == NULL)
        return true;
    if (snprintf(room, size, "%s", *text) >= (int)size)
        return false;
    *text = room;
    return true;
}

kmsg_err kmsg_set_directory(const kmsg_directory_options *options)
{
    kmsg_directory_options own = *options;
    kmsg_err               err = KMSG_OK;

    kmi_lock_take(KMI_LOCK_HOME);
    if (has_begun())
        err = kmi_error(KMSG_EEXIST, "directories are set up before the first name is used");
    else if (!keep(&own.folder, home.folder, sizeof home.folder) ||
             !keep(&own.seeds, home.seeds, sizeof home.seeds) ||
             !keep(&own.multicast, home.multicast, sizeof home.multicast))
        err = kmi_error(KMSG_EINVAL, "a folder, seeds or a word of that length are not taken");
    else
        home.options = own;
    kmi_lock_give(KMI_LOCK_HOME);
    return err;
}

/* Under the lock. */
static kmsg_err make_url(void)
{
    char     folder[KMI_PATH_MAX];
    kmsg_err err;

    if (home.url[0] != '\0')
        return KMSG_OK;
    err = kmi_folder_get(home.options.folder, folder);
    if (err == KMSG_OK &&
        snprintf(home.url, sizeof home.url, "unix:%s/directory", folder) >= KMI_PATH_MAX + 5) {
        home.url[0] = '\0';
        err = kmi_error(KMSG_EINVAL, "%s: the path of the directory's socket is too long", folder);
    }
    return err;
}

/* ---- who looks ----------------------------------------------------------------------------- */

static void look_again(void *ctx)
{
    kmi_names *names = ctx;

    if (!names->ending)
        kmi_subscriptions_look_again(names);
}

/* Whoever looks farther than the process is to see what is in it. A node that ends needs nothing.
 */
static void tell_nodes(void)
{
    for (kmi_names *names = home.all; names != NULL; names = names->next)
        if (kmsg_defer_ts(names->node, names, look_again) == KMSG_EFULL)
            kmi_log(KMSG_WARNING,
                    "names: a node has too much to do to be told of its process' own");
}

/* Who looks for names of the process sees those that are published wider, too; but a process that
 * uses none of these needs no host's directory. */
static void note_host(void)
{
    if (home.reaches_host)
        return;
    home.reaches_host = true;
    tell_nodes();
}

kmsg_err kmi_home_url(kmi_reach reach, const char **ret)
{
    kmsg_err err = KMSG_OK;

    if (reach == KMI_OF_PROCESS) {
        *ret = "inproc:#kmsg";
        return KMSG_OK;
    }
    kmi_lock_take(KMI_LOCK_HOME);
    begin();
    err = make_url();
    if (err == KMSG_OK)
        note_host();
    kmi_lock_give(KMI_LOCK_HOME);
    *ret = home.url;
    return err;
}

/* ---- nodes --------------------------------------------------------------------------------- */

kmsg_err kmi_home_enter(kmi_names *names)
{
    kmi_lock_take(KMI_LOCK_HOME);
    begin();
    names->next = home.all;
    if (names->next != NULL)
        names->next->prev = names;
    home.all = names;
    kmi_lock_give(KMI_LOCK_HOME);
    return KMSG_OK;
}

void kmi_home_leave(kmi_names *names)
{
    kmi_lock_take(KMI_LOCK_HOME);
    if (names->prev != NULL)
        names->prev->next = names->next;
    else
        home.all = names->next;
    if (names->next != NULL)
        names->next->prev = names->prev;
    for (int i = 0; i < KMI_REACHES && home.all == NULL; i++) {
        kmsg_node_free(home.served[i]);
        home.served[i] = NULL;
    }
    kmi_lock_give(KMI_LOCK_HOME);
}

/* ---- directories --------------------------------------------------------------------------- */

/* Under the lock. */
static kmsg_err serve(kmi_reach reach, const char *url)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_err   err = node == NULL ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;

    if (err == KMSG_OK)
        err = kmi_directory_serve(node, reach == KMI_OF_HOST ? &home.options : NULL);
    if (err == KMSG_OK)
        err = kmsg_listen(node, url, NULL);
    if (err == KMSG_OK)
        err = kmsg_start(node);
    if (err != KMSG_OK) {
        kmsg_node_free(node);
        return err;
    }
    home.served[reach] = node;
    if (reach == KMI_OF_PROCESS)
        tell_nodes();
    return KMSG_OK;
}

kmsg_err kmi_home_serve(kmi_reach reach)
{
    const char *url;
    kmsg_err    err = kmi_home_url(reach, &url);

    if (err != KMSG_OK)
        return err;
    if (reach == KMI_OF_HOST && home.options.client)
        return kmi_error(KMSG_EUNAVAILABLE, "nobody serves %s, and this process must not", url);
    kmi_lock_take(KMI_LOCK_HOME);
    if (home.served[reach] == NULL)
        err = serve(reach, url);
    kmi_lock_give(KMI_LOCK_HOME);
    return err;
}

void kmi_home_serve_no_more(kmi_reach reach)
{
    kmi_lock_take(KMI_LOCK_HOME);
    kmsg_node_free(home.served[reach]);
    home.served[reach] = NULL;
    kmi_lock_give(KMI_LOCK_HOME);
}

bool kmi_home_reaches(kmi_reach reach)
{
    bool reaches;

    kmi_lock_take(KMI_LOCK_HOME);
    begin();
    reaches = reach == KMI_OF_HOST ? home.reaches_host : home.served[reach] != NULL;
    kmi_lock_give(KMI_LOCK_HOME);
    return reaches;
}

kmsg_err kmsg_keep_directory(kmsg_node *node)
{
    kmi_names *names;
    kmsg_err   err = kmi_names_of(node, &names);

    if (err != KMSG_OK)
        return err;
    names->keeps = true;
    return kmi_client_begin(&names->clients[KMI_OF_HOST]);
}

kmsg_err kmsg_dial_directory(kmsg_node *node, kmsg_scope scope, kmsg_peer **ret)
{
    const char *url;
    kmsg_err err = kmi_home_url(scope == KMSG_SCOPE_PROCESS ? KMI_OF_PROCESS : KMI_OF_HOST, &url);

    return err == KMSG_OK ? kmsg_dial(node, url, ret) : err;
}
