/* family.c -- parents and children: an editor gives jobs to reporters, and hears of each how it
 * ended.
 *
 * Main has one child, the editor; the editor has four, the reporters. All are functions that are
 * called for each of their messages. Ada comes home with a story, Bob fails, Cleo and Dan wait for
 * something to happen. When nobody writes any more the editor asks them all to stop: Cleo brings
 * what she has, Dan does not care and is simply ended. When all are back the editor returns.
 */
#include "paper.kmsg.h"

#include <kmsg/kmsg.kmsg.h>

typedef struct editor editor;

typedef enum ending { RETURNS, FAILS, WAITS, WAITS_FOR_EVER } ending;

typedef struct reporter {
    const char *name;
    uint32_t    wanted; /* pages */
    ending      ending;
    uint32_t    written;
    editor     *editor;
} reporter;

struct editor {
    kmsg_object *self;
    reporter    *reporters;
    size_t       count;
    size_t       writing;
    Paper        paper;
};

/* ---- a reporter ------------------------------------------------------------------------------ */

static void come_home(const reporter *r, kmsg_object *self)
{
    const Story story = {.title = KMSG_STR("What I have seen"), .pages = r->written};

    kmsg_return(self, &Story_layout, &story);
}

static kmsg_err write_a_page(reporter *r, kmsg_object *self)
{
    const Progress progress = {.who = kmsg_str(r->name), .page = ++r->written};
    const Go_on    go_on = Go_on_initial;

    kmsg_must(Progress_send(self, kmsg_object_parent(self), &progress));
    return Go_on_send(self, kmsg_object_address(self), &go_on);
}

static kmsg_err go_on(reporter *r, kmsg_object *self)
{
    if (r->written < r->wanted)
        return write_a_page(r, self);
    if (r->ending == FAILS)
        kmsg_object_fail(self, KMSG_EFAILED, "the dog ate page %u", r->wanted + 1);
    else if (r->ending == RETURNS)
        come_home(r, self);
    return KMSG_OK;
}

/* What is answered with KMSG_ENOMETHOD is not handled: a kmsg.Stop then ends the object. */
static kmsg_err report(void *ctx, kmsg_object *self, kmsg_message *message)
{
    reporter *r = ctx;

    if (kmsg_Start_is(message) || Go_on_is(message))
        return go_on(r, self);
    if (kmsg_Stop_is(message) && r->ending == WAITS) {
        come_home(r, self);
        return KMSG_OK;
    }
    return KMSG_ENOMETHOD;
}

/* ---- the editor ------------------------------------------------------------------------------ */

/* Debriefing. The child is not counted any more. */
static void debrief(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    const reporter *r = ctx;
    editor         *e = r->editor;
    kmsg_arena     *mem = kmsg_arena_new();
    Story           story;

    (void)child;
    if (err == KMSG_OK) {
        kmsg_must(kmsg_any_unpack(value, &Story_layout, mem, &story));
        printf("%s returns: %s, pages: %u\n", r->name, story.title.data, story.pages);
        e->paper.stories++;
        e->paper.pages += story.pages;
    } else {
        printf("%s fails: %s (%s)\n", r->name, kmsg_strerror(err), kmsg_last_error());
    }
    if (r->ending < WAITS && --e->writing == 0) {
        printf("stop, all %zu of you\n", kmsg_child_count(e->self));
        kmsg_stop_children(e->self);
    }
    if (kmsg_child_count(e->self) == 0)
        kmsg_return(e->self, &Paper_layout, &e->paper);
    kmsg_arena_free(mem);
}

static kmsg_err give_out_jobs(editor *e, kmsg_object *self)
{
    kmsg_address address;

    e->self = self;
    for (size_t i = 0; i < e->count; i++) {
        reporter        *r = &e->reporters[i];
        const kmsg_spawn how = {.returned = debrief, .ctx = r};
        r->editor = e;
        e->writing += r->ending < WAITS;
        kmsg_must(kmsg_object_new(self, report, r, &how, &address));
    }
    return KMSG_OK;
}

static kmsg_err edit(void *ctx, kmsg_object *self, kmsg_message *message)
{
    kmsg_arena *mem;
    Progress    progress;

    if (kmsg_Start_is(message))
        return give_out_jobs(ctx, self);
    if (!Progress_is(message))
        return KMSG_ENOMETHOD;
    mem = kmsg_arena_new();
    kmsg_must(Progress_read(message, mem, &progress));
    printf("%s: page %u\n", progress.who.data, progress.page);
    kmsg_arena_free(mem);
    return KMSG_OK;
}

/* ---- main ------------------------------------------------------------------------------------ */

static void appear(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    kmsg_arena *mem = kmsg_arena_new();
    Paper       paper;

    (void)ctx;
    (void)child;
    kmsg_must(err);
    kmsg_must(kmsg_any_unpack(value, &Paper_layout, mem, &paper));
    printf("the paper: %u stories, %u pages\n", paper.stories, paper.pages);
    kmsg_arena_free(mem);
}

int main(void)
{
    static reporter  reporters[] = {{.name = "Ada", .wanted = 3, .ending = RETURNS},
                                    {.name = "Bob", .wanted = 1, .ending = FAILS},
                                    {.name = "Cleo", .wanted = 1, .ending = WAITS},
                                    {.name = "Dan", .wanted = 2, .ending = WAITS_FOR_EVER}};
    editor           e = {.reporters = reporters, .count = sizeof reporters / sizeof *reporters};
    const kmsg_spawn how = {.returned = appear};
    kmsg_node       *node = kmsg_node_new();
    kmsg_address     address;

    kmsg_must(kmsg_object_new(kmsg_root(node), edit, &e, &how, &address));
    kmsg_must(kmsg_wait_children(kmsg_root(node), UINT32_MAX));
    kmsg_node_free(node);
    return 0;
}
