/* last_words_test.c -- what a child has sent before its end arrives, and comes before its end. */
#include "test.h"

#include "crew.kmsg.h"

#include <kmsg/kmsg.kmsg.h>
#include <kmsg/object.h>

#define FOR_EVER 5000 /* a test that waits so long has failed */
#define WORDS    3

__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

static void speak(kmsg_object *self, kmsg_address to)
{
    for (int i = 1; i <= WORDS; i++) {
        const crew_Word word = {.text = KMSG_STR("so"), .number = i};
        OK(crew_Word_send(self, to, &word));
    }
}

static kmsg_err speak_and_return(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    (void)message;
    speak(self, kmsg_object_parent(self));
    kmsg_return(self, NULL, NULL);
    return KMSG_OK;
}

static kmsg_err speak_and_end(void *ctx, kmsg_object *self)
{
    speak(self, ctx == NULL ? kmsg_object_parent(self) : *(kmsg_address *)ctx);
    return KMSG_OK;
}

/* "1 2 3 end " of what is to come. */
static const char *heard_by(kmsg_object *root)
{
    static char   text[64];
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *message;
    crew_Word     word;

    text[0] = '\0';
    for (int i = 0; i <= WORDS && kmsg_receive(root, FOR_EVER, &message) == KMSG_OK; i++) {
        size_t at = strlen(text);
        if (kmsg_Returned_is(message)) {
            snprintf(text + at, sizeof text - at, "end ");
            continue;
        }
        OK(crew_Word_read(message, mem, &word));
        snprintf(text + at, sizeof text - at, "%d ", (int)word.number);
    }
    kmsg_arena_free(mem);
    return text;
}

static void let_speak(const char *thread)
{
    const kmsg_spawn how = {.thread = thread};
    kmsg_node       *node = kmsg_node_new();
    kmsg_address     address;

    OK(kmsg_object_new(kmsg_root(node), speak_and_return, NULL, &how, &address));
    EQ_STR(heard_by(kmsg_root(node)), "1 2 3 end ");
    kmsg_node_free(node);
}

TEST(what_a_child_has_said_comes_before_its_end)
{
    let_speak(NULL);
    let_speak("speaking");
    let_speak(KMSG_OWN_THREAD);
}

TEST(what_a_thread_has_said_comes_before_its_end)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_address address;

    OK(kmsg_thread_new(kmsg_root(node), speak_and_end, NULL, NULL, &address));
    EQ_STR(heard_by(kmsg_root(node)), "1 2 3 end ");
    kmsg_node_free(node);
}

/* ---- to others ------------------------------------------------------------------------------ */

static void count_end(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    (void)child;
    (void)value;
    *(int *)ctx += err == KMSG_OK ? 1 : 100;
}

/* Another node than the parent's: its mailbox tells when all have come. */
static kmsg_err hear_words(void *ctx, kmsg_object *self)
{
    kmsg_message *message;

    (void)ctx;
    for (int i = 0; i < WORDS; i++) {
        kmsg_err err = kmsg_receive(self, FOR_EVER, &message);
        if (err != KMSG_OK || !crew_Word_is(message))
            return KMSG_EFAILED;
    }
    return KMSG_OK;
}

TEST(what_a_thread_says_last_to_another_one_arrives)
{
    int              ends = 0;
    const kmsg_spawn how = {.returned = count_end, .ctx = &ends};
    kmsg_node       *node = kmsg_node_new();
    kmsg_address     listener, speaker;

    OK(kmsg_thread_new(kmsg_root(node), hear_words, NULL, &how, &listener));
    OK(kmsg_thread_new(kmsg_root(node), speak_and_end, &listener, &how, &speaker));
    OK(kmsg_wait_children(kmsg_root(node), 2 * FOR_EVER));
    EQ_INT(ends, 2);
    kmsg_node_free(node);
}
