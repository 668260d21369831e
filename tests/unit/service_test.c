/* service_test.c -- services that inherit, and what parameters and answers of every form look like
 * in C.
 */
#include "test.h"

#include "language.kmsg.h"

#include <kmsg/kmsg.h>

/* libuv opens a pipe for the whole process, which stays. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* ---- handlers -------------------------------------------------------------------------------- */

static int pongs; /* calls without arguments, notes */

static kmsg_err ping(void *ctx, kmsg_call *call, kmsg_string word, kmsg_string *ret)
{
    *ret = kmsg_printf(kmsg_call_arena(call), "%s %s", (const char *)ctx, word.data);
    return KMSG_OK;
}

static kmsg_err pong(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    pongs++;
    return KMSG_OK;
}

static kmsg_err both(void *ctx, kmsg_call *call, const lang_Shape *a, const lang_Mac *b,
                     const float c[3], const kmsg_string *d, const uint8_t *e, lang_Shape *ret)
{
    lang_Missing missing = {.name = KMSG_STR("none")};

    (void)ctx;
    if (a->kind == lang_Shape_kind_NONE) {
        missing.shape = (lang_Shape){.kind = lang_Shape_kind_count, .count = 3};
        return lang_Missing_throw(call, &missing);
    }
    EQ_UINT(b->items[5], 6);
    CHECK(c[2] > 2.9f && c[2] < 3.1f);
    CHECK(d == NULL);
    EQ_UINT(e[1], 9);
    *ret = *a;
    return KMSG_OK;
}

static kmsg_err ask(void *ctx, kmsg_call *call, const lang_Shape *shape, const lang_Node *node,
                    const double grid[2][3], const kmsg_string words[2], const lang_Mac *maybe,
                    kmsg_string name, lang_Top_ask_result *ret)
{
    (void)ctx;
    (void)call;
    EQ_INT(shape->kind, lang_Shape_kind_circle);
    CHECK(node->next == node);
    EQ_STR(words[1].data, "two");
    CHECK(maybe == NULL);
    EQ_STR(name.data, "Ada");
    for (int i = 0; i < 3; i++)
        ret->items[i] = (float)(grid[1][i] + shape->circle->radius);
    return KMSG_OK;
}

static kmsg_err give_node(void *ctx, kmsg_call *call, const lang_Node **ret)
{
    lang_Node *node = kmsg_alloc_array(kmsg_call_arena(call), lang_Node, 1);

    (void)ctx;
    node->id = 7;
    node->next = node;
    *ret = node;
    return KMSG_OK;
}

static kmsg_err give_pair(void *ctx, kmsg_call *call, lang_Word_pair *ret)
{
    (void)ctx;
    (void)call;
    ret->items[0] = kmsg_str("left");
    ret->items[1] = kmsg_str("right");
    return KMSG_OK;
}

static kmsg_err give_maybe(void *ctx, kmsg_call *call, lang_Top_maybe_result *ret)
{
    (void)ctx;
    (void)call;
    ret->has_value = true;
    ret->value.items[3] = 4;
    return KMSG_OK;
}

static kmsg_err give_tags(void *ctx, kmsg_call *call, kmsg_list_string *ret)
{
    static const kmsg_string tags[] = {KMSG_STR("z"), KMSG_STR("a")};

    (void)ctx;
    (void)call;
    *ret = (kmsg_list_string){tags, 2};
    return KMSG_OK;
}

static kmsg_err take_note(void *ctx, kmsg_call *call, kmsg_any any)
{
    lang_Circle circle = {0};

    (void)ctx;
    CHECK(kmsg_any_is(&any, &lang_Circle_layout));
    CHECK(!kmsg_any_is(&any, &lang_Square_layout));
    OK(kmsg_any_unpack(&any, &lang_Circle_layout, kmsg_call_arena(call), &circle));
    CHECK(circle.radius > 1.9 && circle.radius < 2.1);
    pongs++;
    return KMSG_OK;
}

/* ---- a serializer of the program's own: a number as decimal digits --------------------------- */

static kmsg_err digits_encode(void *ctx, const void *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    int         number = *(const int *)value;
    kmsg_string text = kmsg_printf(mem, "%d", number);

    (void)ctx;
    *ret = (kmsg_bytes){(const uint8_t *)text.data, text.size};
    return number < 0 ? KMSG_EVALUE : KMSG_OK;
}

static kmsg_err digits_decode(void *ctx, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    int number = 0;

    (void)ctx;
    (void)mem;
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] < '0' || bytes.data[i] > '9')
            return KMSG_EDECODE;
        number = 10 * number + (bytes.data[i] - '0');
    }
    *(int *)ret = number;
    return KMSG_OK;
}

static const kmsg_serializer digits = {"test.digits", digits_encode, digits_decode, NULL};

static kmsg_err doubled(void *ctx, kmsg_call *call, kmsg_any what, kmsg_any *ret)
{
    int      number;
    kmsg_err err = kmsg_any_unpack_with(&what, &digits, kmsg_call_arena(call), &number);

    (void)ctx;
    if (err != KMSG_OK)
        return kmsg_fail(call, KMSG_EREQUEST, "%s", kmsg_last_error());
    number *= 2;
    return kmsg_any_pack_with(&digits, &number, kmsg_call_arena(call), ret);
}

static const lang_Top_impl impl = {
    .Middle = {.Base = {.ping = ping}, .pong = pong, .Both = both},
    .ask = ask,
    .node = give_node,
    .pair = give_pair,
    .maybe = give_maybe,
    .tags = give_tags,
    .note = take_note,
    .doubled = doubled,
};

/* ---- a node that talks to itself ------------------------------------------------------------- */

typedef struct world {
    kmsg_node  *node;
    kmsg_peer  *self;
    kmsg_arena *mem;
} world;

static world begin(void)
{
    world w = {.node = kmsg_node_new(), .mem = kmsg_arena_new()};

    w.self = kmsg_self(w.node);
    OK(lang_Top_serve(w.node, &impl, (void *)(uintptr_t) "said"));
    return w;
}

static void end(world *w)
{
    kmsg_node_free(w->node);
    kmsg_arena_free(w->mem);
}

TEST(a_service_has_the_methods_of_those_it_inherits_from)
{
    world       w = begin();
    kmsg_string back;

    OK(lang_Base_ping(w.self, kmsg_str("hi"), w.mem, &back));
    EQ_STR(back.data, "said hi");
    pongs = 0;
    OK(lang_Middle_pong(w.self));
    EQ_INT(pongs, 1);
    end(&w);
}

TEST(a_service_is_served_with_all_its_bases_or_not_at_all)
{
    const lang_Middle_impl middle = {.pong = pong};
    const lang_Base_impl   base = {.ping = ping};
    kmsg_node             *node = kmsg_node_new();
    kmsg_arena            *mem = kmsg_arena_new();
    kmsg_string            back;

    OK(lang_Base_serve(node, &base, (void *)(uintptr_t) "first"));
    FAILS(lang_Top_serve(node, &impl, NULL), KMSG_EEXIST);
    FAILS(lang_Middle_serve(node, &middle, NULL), KMSG_EEXIST);
    FAILS(lang_Middle_pong(kmsg_self(node)), KMSG_ENOSERVICE);
    OK(lang_Base_ping(kmsg_self(node), kmsg_str("hi"), mem, &back));
    EQ_STR(back.data, "first hi");
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

TEST(parameters_of_every_form_arrive)
{
    static const uint8_t     bytes[2] = {8, 9};
    static const kmsg_string words[2] = {KMSG_STR("one"), KMSG_STR("two")};
    const float              three[3] = {1, 2, 3};
    const lang_Mac           mac = {{1, 2, 3, 4, 5, 6}};
    const lang_Circle        circle = {.radius = 2};
    const double             grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
    lang_Shape               shape = {.kind = lang_Shape_kind_circle, .circle = &circle}, back;
    lang_Node                node = {.id = 1, .next = &node};
    lang_Top_ask_result      sums;
    lang_Missing             missing;
    world                    w = begin();

    OK(lang_Middle_Both(w.self, &shape, &mac, three, NULL, bytes, w.mem, &back));
    CHECK(lang_Shape_equal(&back, &shape));
    OK(lang_Top_ask(w.self, &shape, &node, grid, words, NULL, kmsg_str("Ada"), w.mem, &sums));
    CHECK(sums.items[2] > 7.9f && sums.items[2] < 8.1f);
    shape.kind = lang_Shape_kind_NONE;
    FAILS(lang_Middle_Both(w.self, &shape, &mac, three, NULL, bytes, w.mem, &back), KMSG_ETHROWN);
    CHECK(lang_Missing_caught(w.self, w.mem, &missing));
    EQ_UINT(missing.shape.count, 3);
    end(&w);
}

TEST(what_violates_its_limits_is_refused_before_it_is_sent)
{
    static const kmsg_string words[2] = {KMSG_STR("one"), KMSG_STR("two")};
    const double             grid[2][3] = {{0}};
    const lang_Shape         none = {0};
    lang_Top_ask_result      sums;
    world                    w = begin();

    FAILS(lang_Top_ask(w.self, &none, NULL, grid, words, NULL, kmsg_str("too long"), w.mem, &sums),
          KMSG_EVALUE);
    HAS(kmsg_last_error(), "Top.ask.args.name: 8 bytes, at most 5");
    end(&w);
}

TEST(answers_of_every_form_come_back)
{
    const lang_Node      *node = NULL;
    lang_Word_pair        pair;
    lang_Top_maybe_result maybe = {0};
    kmsg_list_string      tags;
    lang_Shape_list       shapes;
    world                 w = begin();

    OK(lang_Top_node(w.self, w.mem, &node));
    EQ_UINT(node->id, 7);
    CHECK(node->next == node);
    OK(lang_Top_pair(w.self, w.mem, &pair));
    EQ_STR(pair.items[1].data, "right");
    OK(lang_Top_maybe(w.self, w.mem, &maybe));
    CHECK(maybe.has_value);
    EQ_UINT(maybe.value.items[3], 4);
    OK(lang_Top_tags(w.self, w.mem, &tags));
    EQ_UINT(tags.count, 2);
    EQ_STR(tags.items[0].data, "a");
    FAILS(lang_Top_shapes(w.self, w.mem, &shapes), KMSG_ENOMETHOD);
    end(&w);
}

TEST(an_any_is_unpacked_by_who_knows_its_type)
{
    const lang_Circle circle = {.radius = 2};
    kmsg_any          any;
    lang_Square       square;
    world             w = begin();

    pongs = 0;
    OK(kmsg_any_pack(&lang_Circle_layout, &circle, w.mem, &any));
    EQ_STR(any.type.data, "lang.Circle");
    FAILS(kmsg_any_unpack(&any, &lang_Square_layout, w.mem, &square), KMSG_EVALUE);
    OK(lang_Top_note(w.self, any));
    OK(lang_Middle_pong(w.self));
    EQ_INT(pongs, 2);
    end(&w);
}

TEST(a_value_goes_through_a_serializer_of_the_programs_own)
{
    const int number = 21, negative = -1;
    int       back = 0;
    kmsg_any  any = {{"", 0}, {NULL, 0}};
    world     w = begin();

    OK(kmsg_any_pack_with(&digits, &number, w.mem, &any));
    OK(lang_Top_doubled(w.self, any, w.mem, &any));
    OK(kmsg_any_unpack_with(&any, &digits, w.mem, &back));
    EQ_INT(back, 42);
    FAILS(kmsg_any_pack_with(&digits, &negative, w.mem, &any), KMSG_EVALUE);
    HAS(kmsg_last_error(), "test.digits: the serializer refused the value");
    end(&w);
}

TEST(both_ends_must_have_the_same_serializer_and_the_caller_is_told)
{
    const lang_Circle circle = {.radius = 2};
    kmsg_any          any, broken = {KMSG_STR("test.digits"), {(const uint8_t *)"4x", 2}};
    world             w = begin();

    OK(kmsg_any_pack(&lang_Circle_layout, &circle, w.mem, &any));
    FAILS(lang_Top_doubled(w.self, any, w.mem, &any), KMSG_EREQUEST);
    HAS(kmsg_last_error(), "made by another serializer, lang.Circle");
    FAILS(lang_Top_doubled(w.self, broken, w.mem, &any), KMSG_EREQUEST);
    HAS(kmsg_last_error(), "the serializer refused the bytes");
    end(&w);
}
