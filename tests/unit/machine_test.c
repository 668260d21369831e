/* machine_test.c -- machines: who handles what in which state, and what is saved for later. */
#include "test.h"

#include "door.kmsg.h"

#include <kmsg/kmsg.h>
#include <kmsg/kmsg.kmsg.h>

/* libuv opens a pipe for the whole process, which stays. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* ---- a door ---------------------------------------------------------------------------------- */

typedef enum knocks { ANSWER, SAVE, SAVE_ALWAYS, SAVE_AND_OPEN, HOLD_AND_SAVE } knocks;

/* What happened to it, in words: "open Ada, knock 1 Closed, ". */
typedef struct diary {
    char            text[8192];
    knocks          knocks; /* what becomes of them unless it is open */
    uint32_t        code;
    uint32_t        full; /* knocks that could not be saved */
    kmsg_message   *kept; /* the last one that was */
    kmsg_ticket     ticket;
    kmsg_err        late; /* what saving it in another handler gave */
    kmsg_object    *self;
    door_Door_state first;
    kmsg_err        ended; /* what the parent heard; KMSG_LATER: nothing yet */
} diary;

static void put(diary *d, const char *format, ...) KMSG_PRINTF(2, 3);
static void put(diary *d, const char *format, ...)
{
    size_t  size = strlen(d->text);
    va_list args;

    va_start(args, format);
    vsnprintf(d->text + size, sizeof d->text - size, format, args);
    va_end(args);
}

static door_Door_state my_Closed_Open(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const door_Open *open)
{
    (void)self;
    (void)message;
    put(ctx, "open %s, ", open->by.data);
    return door_Door_Opened;
}

static door_Door_state my_Closed_Lock(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const door_Lock *lock)
{
    diary *d = ctx;

    (void)self;
    (void)message;
    d->late = d->kept == NULL ? KMSG_OK : kmsg_save(d->kept);
    put(d, "lock %u, ", lock->code);
    d->code = lock->code;
    return door_Door_Locked;
}

static door_Door_state my_Opened_Close(void *ctx, kmsg_object *self, kmsg_message *message,
                                       const door_Close *close)
{
    (void)self;
    (void)message;
    (void)close;
    put(ctx, "close, ");
    return door_Door_Closed;
}

static door_Door_state my_Locked_Unlock(void *ctx, kmsg_object *self, kmsg_message *message,
                                        const door_Unlock *unlock)
{
    diary *d = ctx;

    (void)self;
    if (unlock->code != d->code)
        kmsg_fail(message, KMSG_EPERM, "not with %u", unlock->code);
    put(d, "unlock %u, ", unlock->code);
    return unlock->code == d->code ? door_Door_Closed : door_Door_Locked;
}

static door_Door_state knock(diary *d, kmsg_message *message, door_Door_state state,
                             const door_Knock *knock)
{
    kmsg_err err = KMSG_OK;

    put(d, "knock %u %s, ", knock->number, door_Door_state_name(state));
    if (d->knocks == HOLD_AND_SAVE && d->ticket.node == 0)
        OK(kmsg_hold(message, &d->ticket));
    if (d->knocks == SAVE_ALWAYS || (d->knocks != ANSWER && state != door_Door_Opened))
        err = kmsg_save(message);
    d->full += err == KMSG_EFULL;
    d->kept = message;
    return d->knocks == SAVE_AND_OPEN ? door_Door_Opened : state;
}

static door_Door_state my_Closed_Knock(void *ctx, kmsg_object *self, kmsg_message *message,
                                       const door_Knock *value)
{
    (void)self;
    return knock(ctx, message, door_Door_Closed, value);
}

static door_Door_state my_Opened_Knock(void *ctx, kmsg_object *self, kmsg_message *message,
                                       const door_Knock *value)
{
    (void)self;
    return knock(ctx, message, door_Door_Opened, value);
}

static door_Door_state my_Locked_Knock(void *ctx, kmsg_object *self, kmsg_message *message,
                                       const door_Knock *value)
{
    (void)self;
    return knock(ctx, message, door_Door_Locked, value);
}

static door_Door_state my_otherwise(void *ctx, kmsg_object *self, kmsg_message *message,
                                    door_Door_state state)
{
    (void)self;
    put(ctx, "%s otherwise, ", door_Close_is(message) ? "close" : "what");
    return state;
}

static door_Door_state my_start(void *ctx, kmsg_object *self)
{
    diary *d = ctx;

    d->self = self;
    put(d, "start, ");
    return d->first;
}

static const door_Door_impl plain = {door_Door_HANDLERS(my), .start = my_start};
static const door_Door_impl whole = {door_Door_HANDLERS(my), .start = my_start,
                                     .otherwise = my_otherwise};

/* ---- a house --------------------------------------------------------------------------------- */

static kmsg_node   *node;
static kmsg_object *root;
static kmsg_address at; /* of the door, also when it is gone */
static diary        day;

static void heard(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    (void)child;
    (void)value;
    ((diary *)ctx)->ended = err;
}

static void open_house(void)
{
    node = kmsg_node_new();
    root = kmsg_root(node);
    day = (diary){.ended = KMSG_LATER};
}

static void move_in(kmsg_address address)
{
    static uint8_t bytes[128];

    CHECK(address.size <= sizeof bytes);
    memcpy(bytes, address.data, address.size);
    at = (kmsg_address){bytes, address.size};
}

static void begin(const door_Door_impl *impl)
{
    const kmsg_spawn how = {.returned = heard, .ctx = &day};

    kmsg_address address;

    open_house();
    OK(door_Door_new(root, impl, &day, &how, &address));
    move_in(address);
}

static kmsg_err send(const kmsg_layout *layout, const void *value)
{
    return kmsg_send_wait(root, at, layout, value);
}

static kmsg_err open_it(void)
{
    const door_Open open = {.by = KMSG_STR("Ada")};

    return send(&door_Open_layout, &open);
}

static kmsg_err close_it(void)
{
    const door_Close close = {0};

    return send(&door_Close_layout, &close);
}

static kmsg_err lock_it(uint32_t code)
{
    const door_Lock lock = {.code = code};

    return send(&door_Lock_layout, &lock);
}

static kmsg_err unlock_it(uint32_t code)
{
    const door_Unlock unlock = {.code = code};

    return send(&door_Unlock_layout, &unlock);
}

/* Nobody waits for it: it may be saved. */
static void knock_at_it(uint32_t number)
{
    const door_Knock value = {.number = number};

    OK(door_Knock_send(root, at, &value));
}

static void turn(void)
{
    for (int i = 0; i < 10; i++)
        OK(kmsg_node_step(node));
}

static void stop_it(void)
{
    const kmsg_Stop stop = {0};

    OK(send(&kmsg_Stop_layout, &stop));
    turn(); /* for its end */
}

/* How often the words stand in the diary. */
static size_t count_of(const char *words)
{
    size_t count = 0;

    for (const char *c = day.text; (c = strstr(c, words)) != NULL; c++)
        count++;
    return count;
}

static void note_err(void *ctx, kmsg_err err)
{
    *(kmsg_err *)ctx = err;
}

static void end(void)
{
    kmsg_node_free(node);
}

/* ---- states and types ------------------------------------------------------------------------ */

TEST(a_message_goes_to_the_handler_of_its_type_in_the_state)
{
    begin(&plain);
    OK(open_it());
    OK(close_it());
    OK(lock_it(7));
    OK(unlock_it(7));
    EQ_STR(day.text, "start, open Ada, close, lock 7, unlock 7, ");
    end();
}

TEST(a_handler_says_what_a_sender_who_waits_hears)
{
    begin(&plain);
    OK(lock_it(7));
    FAILS(unlock_it(8), KMSG_EPERM);
    HAS(kmsg_last_error(), "not with 8");
    OK(unlock_it(7));
    end();
}

TEST(what_a_state_does_not_name_is_for_otherwise)
{
    begin(&whole);
    OK(close_it());
    OK(unlock_it(1));
    OK(open_it());
    EQ_STR(day.text, "start, close otherwise, what otherwise, open Ada, ");
    end();
}

TEST(without_otherwise_it_is_dropped_and_counted)
{
    const door_Close  close = {0};
    kmsg_object_facts facts;

    begin(&plain);
    FAILS(close_it(), KMSG_ENOMETHOD);
    HAS(kmsg_last_error(), "door.Door does not take it in state Closed");
    OK(door_Close_send(root, at, &close));
    OK(open_it());
    EQ_STR(day.text, "start, open Ada, ");
    kmsg_object_info(day.self, &facts);
    EQ_UINT(facts.dropped, 2);
    end();
}

TEST(a_handler_that_is_null_is_as_one_that_is_not_named)
{
    static const door_Door_impl bare = {.start = my_start, .otherwise = my_otherwise};

    begin(&bare);
    OK(open_it());
    EQ_STR(day.text, "start, what otherwise, ");
    end();
}

TEST(start_says_in_which_state_it_begins)
{
    begin(&plain);
    day.first = door_Door_Opened;
    OK(close_it());
    EQ_STR(day.text, "start, close, ");
    end();
}

TEST(without_start_it_begins_in_the_first_state)
{
    static const door_Door_impl early = {door_Door_HANDLERS(my)};

    begin(&early);
    OK(lock_it(1));
    EQ_STR(day.text, "lock 1, ");
    end();
}

TEST(what_cannot_be_read_is_refused_and_changes_nothing)
{
    const uint8_t    byte = 0xff;
    const door_Noise noise = {.by = {&byte, 1}};
    kmsg_layout      wrong = door_Noise_layout; /* an Open whose text is none */

    wrong.name = door_Open_layout.name;
    wrong.id = door_Open_layout.id;
    begin(&whole);
    FAILS(send(&wrong, &noise), KMSG_EREQUEST);
    EQ_STR(day.text, "start, ");
    OK(open_it());
    end();
}

TEST(a_machine_may_have_a_thread_of_its_own)
{
    const kmsg_spawn how = {.thread = KMSG_OWN_THREAD};
    kmsg_address     address;

    open_house();
    OK(door_Door_new(root, &plain, &day, &how, &address));
    move_in(address);
    OK(open_it());
    EQ_STR(day.text, "start, open Ada, ");
    end();
}

/* ---- its end --------------------------------------------------------------------------------- */

TEST(stop_ends_a_machine_that_does_not_handle_it)
{
    begin(&whole);
    OK(open_it());
    stop_it();
    EQ_INT(day.ended, KMSG_ECANCELED);
    EQ_STR(day.text, "start, open Ada, "); /* otherwise was not asked */
    FAILS(close_it(), KMSG_ENOENT);
    end();
}

static door_Vault_state my_Shut_Open(void *ctx, kmsg_object *self, kmsg_message *message,
                                     const door_Open *open)
{
    (void)message;
    put(ctx, "%s took it, ", open->by.data);
    kmsg_return(self, NULL, NULL);
    return door_Vault_Empty;
}

static door_Vault_state my_Shut_Stop(void *ctx, kmsg_object *self, kmsg_message *message,
                                     const kmsg_Stop *stop)
{
    (void)self;
    (void)message;
    (void)stop;
    put(ctx, "not now, ");
    return door_Vault_Shut;
}

static door_Vault_state my_Empty_Open(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const door_Open *open)
{
    (void)self;
    (void)message;
    (void)open;
    put(ctx, "nothing there, ");
    return door_Vault_Empty;
}

TEST(a_machine_that_handles_stop_ends_when_it_wants_to)
{
    static const door_Vault_impl impl = {door_Vault_HANDLERS(my)};
    const kmsg_spawn             how = {.returned = heard, .ctx = &day};
    const kmsg_Stop              stop = {0};
    kmsg_address                 address;

    open_house();
    OK(door_Vault_new(root, &impl, &day, &how, &address));
    move_in(address);
    OK(send(&kmsg_Stop_layout, &stop));
    EQ_INT(day.ended, KMSG_LATER);
    OK(open_it());
    FAILS(open_it(), KMSG_ENOENT);
    EQ_INT(day.ended, KMSG_OK);
    EQ_STR(day.text, "not now, Ada took it, ");
    end();
}

/* ---- saved messages -------------------------------------------------------------------------- */

TEST(what_is_saved_comes_again_after_the_next_change_of_state_in_order)
{
    begin(&plain);
    day.knocks = SAVE;
    knock_at_it(1);
    knock_at_it(2);
    OK(open_it());
    OK(close_it());
    EQ_STR(day.text, "start, knock 1 Closed, knock 2 Closed, open Ada, "
                     "knock 1 Opened, knock 2 Opened, close, ");
    end();
}

TEST(what_is_saved_again_keeps_its_place)
{
    begin(&plain);
    day.knocks = SAVE;
    knock_at_it(1);
    knock_at_it(2);
    OK(lock_it(7));
    knock_at_it(3);
    OK(unlock_it(7));
    OK(open_it());
    EQ_STR(day.text, "start, knock 1 Closed, knock 2 Closed, "
                     "lock 7, knock 1 Locked, knock 2 Locked, knock 3 Locked, "
                     "unlock 7, knock 1 Closed, knock 2 Closed, knock 3 Closed, "
                     "open Ada, knock 1 Opened, knock 2 Opened, knock 3 Opened, ");
    end();
}

TEST(a_handler_that_saves_and_changes_the_state_sees_its_message_at_once)
{
    begin(&plain);
    day.knocks = SAVE_AND_OPEN;
    knock_at_it(1);
    OK(close_it());
    EQ_STR(day.text, "start, knock 1 Closed, knock 1 Opened, close, ");
    end();
}

TEST(without_a_change_of_state_nothing_comes_again)
{
    begin(&plain);
    day.knocks = SAVE;
    OK(lock_it(7));
    knock_at_it(1);
    FAILS(unlock_it(8), KMSG_EPERM);
    EQ_STR(day.text, "start, lock 7, knock 1 Locked, unlock 8, ");
    end();
}

TEST(who_waits_for_a_saved_message_waits_until_it_was_handled)
{
    const door_Knock value = {.number = 1};
    kmsg_err         told = KMSG_LATER;

    begin(&plain);
    day.knocks = SAVE;
    kmsg_send_async(root, at, &door_Knock_layout, &value, &told, note_err);
    OK(lock_it(7));
    OK(unlock_it(7));
    EQ_INT(told, KMSG_LATER);
    OK(open_it());
    OK(close_it()); /* behind it */
    OK(told);
    end();
}

TEST(what_is_saved_and_held_is_kept_until_both_are_over)
{
    for (int early = 0; early < 2; early++) {
        const door_Knock value = {.number = 1};
        kmsg_err         told = KMSG_LATER;

        begin(&plain);
        day.knocks = HOLD_AND_SAVE;
        kmsg_send_async(root, at, &door_Knock_layout, &value, &told, note_err);
        OK(lock_it(7));
        OK(unlock_it(7));
        if (early)
            OK(kmsg_release_ts(day.ticket));
        turn();
        OK(open_it());
        HAS(day.text, "open Ada, knock 1 Opened, ");
        OK(close_it());
        EQ_INT(told, early ? KMSG_OK : KMSG_LATER);
        if (!early)
            OK(kmsg_release_ts(day.ticket));
        turn();
        OK(told);
        end();
    }
}

TEST(a_message_comes_again_eight_times_and_is_dropped_then)
{
    kmsg_object_facts facts;

    begin(&plain);
    day.knocks = SAVE_ALWAYS;
    knock_at_it(1);
    for (int i = 0; i < 6; i++) {
        OK(open_it());
        OK(close_it());
    }
    EQ_UINT(count_of("knock 1"), 1 + KMSG_REPLAYS_MAX);
    kmsg_object_info(day.self, &facts);
    EQ_UINT(facts.dropped, 1);
    end();
}

TEST(so_many_can_be_saved_and_one_more_cannot)
{
    begin(&plain);
    day.knocks = SAVE;
    for (uint32_t i = 0; i < KMSG_SAVED_MAX + 1; i++)
        knock_at_it(i);
    OK(open_it());
    EQ_UINT(day.full, 1);
    EQ_UINT(count_of(" Closed"), KMSG_SAVED_MAX + 1);
    EQ_UINT(count_of(" Opened"), KMSG_SAVED_MAX);
    end();
}

TEST(a_machine_that_ends_tells_who_waits_for_what_it_has_saved)
{
    const door_Knock value = {.number = 1};
    kmsg_err         told = KMSG_LATER;

    begin(&plain);
    day.knocks = SAVE;
    kmsg_send_async(root, at, &door_Knock_layout, &value, &told, note_err);
    OK(lock_it(7));
    stop_it();
    FAILS(told, KMSG_ENOENT);
    end();
}

TEST(a_node_that_ends_gives_back_what_was_saved)
{
    begin(&plain);
    day.knocks = SAVE;
    knock_at_it(1);
    OK(lock_it(7));
    end();
    HAS(day.text, "knock 1 Locked, ");
}

TEST(a_handler_saves_no_other_message)
{
    begin(&plain);
    day.knocks = SAVE;
    knock_at_it(1);
    OK(lock_it(7));
    FAILS(day.late, KMSG_EINVAL);
    end();
}

static kmsg_err save_it(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)self;
    *(kmsg_err *)ctx = kmsg_save(message);
    return KMSG_OK;
}

TEST(only_a_handler_of_a_machine_saves)
{
    kmsg_err     said = KMSG_OK;
    kmsg_address address;

    open_house();
    OK(kmsg_object_new(root, save_it, &said, NULL, &address));
    move_in(address);
    OK(open_it());
    FAILS(said, KMSG_EINVAL);
    end();
}
