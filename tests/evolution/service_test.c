/* service_test.c -- callers of one version and servers of the other, on one node. The modules of
 * the two versions have different names, and so have their services: a server takes the name that
 * its caller asks for. What evolution_test.c does for records, this does for methods.
 */
#include "test.h"

#include "new.kmsg.h"
#include "old.kmsg.h"

typedef struct both {
    kmsg_node   *node;
    kmsg_peer   *self;
    kmsg_arena  *mem;
    kmsg_service service; /* the server's, under the name that the caller knows */
} both;

static uint32_t seen; /* by a oneway handler */

/* libuv opens a pipe for signals with the first loop, and keeps it for life. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

static void set_up(both *b, const kmsg_service *server, const void *impl,
                   const kmsg_service *caller)
{
    b->node = kmsg_node_new();
    b->mem = kmsg_arena_new();
    b->self = kmsg_self(b->node);
    b->service = *server;
    b->service.name = caller->name;
    b->service.id = caller->id;
    OK(kmsg_serve(b->node, &b->service, impl, NULL));
}

static void tear_down(both *b)
{
    kmsg_node_free(b->node);
    kmsg_arena_free(b->mem);
}

/* ---- handlers -------------------------------------------------------------------------------- */

static kmsg_err give_1(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)ctx, (void)call;
    *ret = 1;
    return KMSG_OK;
}

static kmsg_err give_2(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)ctx, (void)call;
    *ret = 2;
    return KMSG_OK;
}

static kmsg_err give_9(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)ctx, (void)call;
    *ret = 9;
    return KMSG_OK;
}

static kmsg_err give_text(void *ctx, kmsg_call *call, kmsg_string *ret)
{
    (void)ctx, (void)call;
    *ret = kmsg_str("x");
    return KMSG_OK;
}

static kmsg_err do_nothing(void *ctx, kmsg_call *call)
{
    (void)ctx, (void)call;
    return KMSG_OK;
}

static kmsg_err see(void *ctx, kmsg_call *call, uint32_t x)
{
    (void)ctx, (void)call;
    seen = x;
    return KMSG_OK;
}

static kmsg_err see_and_give(void *ctx, kmsg_call *call, uint32_t x, uint32_t *ret)
{
    (void)ctx, (void)call;
    seen = *ret = x;
    return KMSG_OK;
}

static kmsg_err throw_old(void *ctx, kmsg_call *call)
{
    (void)ctx;
    return o_ThrowsRemovedOf_throw(call, &(o_ThrowsRemovedOf){.why = KMSG_STR("old")});
}

static kmsg_err give_both(void *ctx, kmsg_call *call, uint32_t x, uint32_t y, n_SafeGrown *ret)
{
    (void)ctx, (void)call;
    *ret = n_SafeGrown_initial;
    ret->a = (uint8_t)(x + y);
    ret->d = kmsg_str("more");
    return KMSG_OK;
}

static kmsg_err give_old(void *ctx, kmsg_call *call, uint32_t x, o_SafeGrown *ret)
{
    (void)ctx, (void)call;
    *ret = (o_SafeGrown){.a = (uint8_t)x, .b = KMSG_STR("b")};
    return KMSG_OK;
}

/* ---- unsafe ---------------------------------------------------------------------------------- */

TEST(a_method_that_moved_is_another_method)
{
    static const n_MethodNumber_impl impl = {.first = give_1, .inserted = give_9, .second = give_2};
    both                             b;
    uint32_t                         ret;

    set_up(&b, &n_MethodNumber_service, &impl, &o_MethodNumber_service);
    OK(o_MethodNumber_second(b.self, b.mem, &ret));
    EQ_UINT(ret, 9);
    tear_down(&b);
}

TEST(a_method_that_was_removed_is_missed)
{
    static const n_MethodRemoved_impl impl = {.first = give_1};
    both                              b;
    uint32_t                          ret;

    set_up(&b, &n_MethodRemoved_service, &impl, &o_MethodRemoved_service);
    OK(o_MethodRemoved_first(b.self, b.mem, &ret));
    FAILS(o_MethodRemoved_second(b.self, b.mem, &ret), KMSG_ENOMETHOD);
    tear_down(&b);
}

TEST(a_method_that_became_oneway_does_not_answer_and_one_that_no_longer_is_cannot)
{
    static const n_MethodOneway_impl impl = {.first = see, .second = see_and_give};
    both                             b;
    uint32_t                         ret;

    seen = 0;
    set_up(&b, &n_MethodOneway_service, &impl, &o_MethodOneway_service);
    FAILS(o_MethodOneway_first(b.self, 7, b.mem, &ret), KMSG_EREQUEST);
    OK(o_MethodOneway_second(b.self, 8));
    FAILS(o_MethodOneway_first(b.self, 7, b.mem, &ret), KMSG_EREQUEST);
    EQ_UINT(seen, 7); /* it was taken for an acknowledged message, which says so too late */
    tear_down(&b);
}

TEST(another_result_is_misread_as_none_is)
{
    static const n_MethodResult_impl impl = {.first = give_text, .second = do_nothing};
    both                             b;
    uint32_t                         ret = 5;

    set_up(&b, &n_MethodResult_service, &impl, &o_MethodResult_service);
    OK(o_MethodResult_first(b.self, b.mem, &ret)); /* a string is no scalar, and is skipped */
    EQ_UINT(ret, 0);
    ret = 5;
    OK(o_MethodResult_second(b.self, b.mem, &ret));
    EQ_UINT(ret, 0);
    tear_down(&b);
}

TEST(an_error_that_is_no_longer_thrown_still_comes_from_old_servers)
{
    static const o_ThrowsRemoved_impl impl = {.first = throw_old};
    both                              b;
    n_ThrowsRemovedOf                 caught;

    set_up(&b, &o_ThrowsRemoved_service, &impl, &n_ThrowsRemoved_service);
    FAILS(n_ThrowsRemoved_first(b.self), KMSG_ETHROWN);
    CHECK(!n_ThrowsRemovedOf_caught(b.self, b.mem, &caught));
    tear_down(&b);
}

TEST(a_service_of_another_name_is_not_found)
{
    static const n_MethodRemoved_impl impl = {.first = give_1};
    both                              b;
    uint32_t                          ret;

    set_up(&b, &n_MethodRemoved_service, &impl, &n_MethodRemoved_service);
    FAILS(o_MethodRemoved_first(b.self, b.mem, &ret), KMSG_ENOSERVICE);
    FAILS(o_DeclarationRemoved_first(b.self, b.mem, &ret), KMSG_ENOSERVICE);
    tear_down(&b);
}

/* ---- safe ------------------------------------------------------------------------------------ */

TEST(an_old_caller_is_understood_by_a_service_that_grew)
{
    static const n_SafeMethods_impl impl = {
        .now = give_both, .second = give_2, .last = do_nothing, .more = give_9};
    both        b;
    o_SafeGrown ret;

    set_up(&b, &n_SafeMethods_service, &impl, &o_SafeMethods_service);
    OK(o_SafeMethods_first(b.self, 1, b.mem, &ret));
    EQ_UINT(ret.a, 6);                /* what it does not pass has its default */
    OK(o_SafeMethods_second(b.self)); /* what is returned now is dropped */
    OK(o_SafeMethods_last(b.self));
    tear_down(&b);
}

TEST(a_new_caller_is_understood_by_an_old_server_but_for_new_methods)
{
    static const o_SafeMethods_impl impl = {
        .first = give_old, .second = do_nothing, .last = do_nothing};
    both        b;
    n_SafeGrown ret;
    uint32_t    number = 7;

    set_up(&b, &o_SafeMethods_service, &impl, &n_SafeMethods_service);
    OK(n_SafeMethods_now(b.self, 1, 2, b.mem, &ret));
    EQ_UINT(ret.a, 1);
    EQ_STR(ret.d.data, "new");
    OK(n_SafeMethods_second(b.self, b.mem, &number));
    EQ_UINT(number, 0);
    FAILS(n_SafeMethods_more(b.self, b.mem, &number), KMSG_ENOMETHOD);
    tear_down(&b);
}
