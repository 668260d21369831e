/* value_test.c -- reading values through descriptors: every kind, every error. */
#include "tests/test.h"

#include "everything.kmsg.h"
#include "forms.kmsg.h"

#include <kmsg/value.h>

#include <string.h>

static kmsg_value field(kmsg_value v, const char *name)
{
    return kmsg_value_field(v, name);
}

static int64_t int_of(kmsg_value v)
{
    int64_t ret = 0;

    OK(kmsg_value_int(v, &ret));
    return ret;
}

static const char *string_of(kmsg_value v)
{
    kmsg_string ret = {NULL, 0};

    OK(kmsg_value_string(v, &ret));
    return ret.data;
}

/* ---- records --------------------------------------------------------------------------------- */

static every_Person a_person(void)
{
    static const every_Person_scores_entry scores[] = {
        {KMSG_STR("chess"), 2100}, {KMSG_STR("go"), -3}, {KMSG_STR("tennis"), 0}};
    static const every_Phone   phones[] = {{every_PhoneKind_WORK, KMSG_STR("123")},
                                           {(every_PhoneKind)77, KMSG_STR("")}};
    static const every_Vec     path[] = {{1, 2, true, {0}}, {3, 4.5f, false, {0}}};
    static const int32_t       one[] = {1, -2, 3};
    static const kmsg_list_i32 matrix[] = {{one, 3}, {NULL, 0}};
    static const kmsg_string   tags[] = {KMSG_STR("math"), KMSG_STR("")};
    every_Person               p = every_Person_initial;

    p.id = UINT64_MAX;
    p.name = kmsg_str("Ada");
    p.uid.bytes[15] = 7;
    p.age = 36;
    p.has_age = true;
    p.tags = (kmsg_list_string){tags, 2};
    p.scores = (every_Person_scores){scores, 3};
    p.phones = (every_Phone_list){phones, 2};
    p.path = (every_Vec_list){path, 2};
    p.matrix = (every_Person_matrix){matrix, 2};
    return p;
}

TEST(fields_of_a_record)
{
    every_Person p = a_person();
    kmsg_value   v = kmsg_value_record(&every_Person_layout, &p);
    kmsg_bytes   uid = {NULL, 0};

    EQ_STR(string_of(field(v, "name")), "Ada");
    EQ_INT(int_of(field(v, "age")), 36);
    EQ_INT(int_of(field(v, "port")), 7000);
    EQ_INT(int_of(field(field(v, "home"), "zip")), 1234);
    OK(kmsg_value_bytes(field(v, "uid"), &uid));
    EQ_UINT(uid.size, 16);
    EQ_UINT(uid.data[15], 7);
    EQ_PTR(kmsg_value_member(v, &every_Person_layout.fields[1]).data, &p.name);
}

TEST(what_is_absent)
{
    every_Person p = a_person();
    kmsg_value   v = kmsg_value_record(&every_Person_layout, &p);
    kmsg_string  text = {NULL, 0};
    int64_t      number = 17;

    p.has_age = false;
    CHECK(!kmsg_value_is_absent(field(v, "name")));
    CHECK(kmsg_value_is_absent(field(v, "age")));
    CHECK(kmsg_value_is_absent(field(v, "email")));
    CHECK(kmsg_value_is_absent(field(v, "address")));
    CHECK(kmsg_value_is_absent(field(v, "extra")));
    EQ_UINT(field(v, "extra").kind, KMSG_KIND_MAP);
    FAILS(kmsg_value_int(field(v, "age"), &number), KMSG_EVALUE);
    EQ_INT(number, 17);
    FAILS(kmsg_value_string(field(v, "email"), &text), KMSG_EVALUE);
    FAILS(kmsg_value_string(field(field(v, "address"), "city"), &text), KMSG_EVALUE);
    EQ_UINT(kmsg_value_count(field(v, "extra")), 0);
}

TEST(an_error_goes_through_all_steps_that_follow)
{
    every_Person p = a_person();
    kmsg_value   v = kmsg_value_record(&every_Person_layout, &p);
    int64_t      number;

    FAILS(kmsg_value_int(kmsg_value_at(field(field(v, "hoem"), "zip"), 3), &number), KMSG_ENOENT);
    CHECK(!kmsg_value_is_absent(field(v, "hoem")));
    EQ_INT(field(v, "hoem").err, KMSG_ENOENT);
    HAS(kmsg_last_error(), "every.Person has no field 'hoem'");
    EQ_INT(field(field(v, "name"), "size").err, KMSG_EINVAL);
    HAS(kmsg_last_error(), "string is a string, not a record");
}

/* ---- numbers --------------------------------------------------------------------------------- */

TEST(numbers_that_do_not_fit)
{
    every_Person p = a_person();
    kmsg_value   v = kmsg_value_record(&every_Person_layout, &p);
    uint64_t     number = 0;
    int64_t      as_int = 0;
    double       as_double = 0;

    OK(kmsg_value_uint(field(v, "id"), &number));
    EQ_UINT(number, UINT64_MAX);
    FAILS(kmsg_value_int(field(v, "id"), &as_int), KMSG_ETOOBIG);
    FAILS(kmsg_value_double(field(v, "id"), &as_double), KMSG_ETOOBIG);
    FAILS(kmsg_value_uint(kmsg_value_find_string(field(v, "scores"), kmsg_str("go")), &number),
          KMSG_ETOOBIG);
    p.id = 1u << 30;
    OK(kmsg_value_double(field(v, "id"), &as_double));
    CHECK(as_double > 1073741823.0 && as_double < 1073741825.0);
}

TEST(every_scalar)
{
    const every_Scalars s = {.b = true,
                             .i8 = -8,
                             .i16 = -16,
                             .i32 = -32,
                             .i64 = INT64_MIN,
                             .u8 = 255,
                             .u16 = 65535,
                             .u32 = UINT32_MAX,
                             .u64 = 64,
                             .f32 = 0.5f,
                             .f64 = 2.25,
                             .r = 0x1f600,
                             .t = -1,
                             .d = 5,
                             .has_ol = true,
                             .ol = every_Level_HIGH};
    kmsg_value          v = kmsg_value_record(&every_Scalars_layout, &s);
    const char         *name = NULL;
    double              number = 0;
    bool                b = false;

    OK(kmsg_value_bool(field(v, "b"), &b));
    CHECK(b);
    EQ_INT(int_of(field(v, "b")), 1);
    EQ_INT(int_of(field(v, "i8")), -8);
    EQ_INT(int_of(field(v, "i16")), -16);
    EQ_INT(int_of(field(v, "i32")), -32);
    EQ_INT(int_of(field(v, "i64")), INT64_MIN);
    EQ_INT(int_of(field(v, "u8")), 255);
    EQ_INT(int_of(field(v, "u16")), 65535);
    EQ_INT(int_of(field(v, "u32")), UINT32_MAX);
    EQ_INT(int_of(field(v, "u64")), 64);
    EQ_INT(int_of(field(v, "r")), 0x1f600);
    EQ_INT(int_of(field(v, "t")), -1);
    EQ_INT(int_of(field(v, "d")), 5);
    OK(kmsg_value_double(field(v, "f32"), &number));
    CHECK(number > 0.49 && number < 0.51);
    OK(kmsg_value_double(field(v, "f64"), &number));
    CHECK(number > 2.24 && number < 2.26);
    OK(kmsg_value_double(field(v, "i8"), &number));
    CHECK(number < -7.9 && number > -8.1);
    OK(kmsg_value_enum(field(v, "ol"), &name));
    EQ_STR(name, "HIGH");
    CHECK(kmsg_value_is_absent(field(v, "ob")));
    FAILS(kmsg_value_bool(field(v, "u8"), &b), KMSG_EINVAL);
    FAILS(kmsg_value_double(field(v, "u"), &number), KMSG_EINVAL);
    FAILS(kmsg_value_enum(field(v, "u8"), &name), KMSG_EINVAL);
}

/* ---- items ----------------------------------------------------------------------------------- */

TEST(items_of_lists)
{
    every_Person p = a_person();
    kmsg_value   v = kmsg_value_record(&every_Person_layout, &p);
    kmsg_value   phones = field(v, "phones");
    const char  *name = "";

    EQ_UINT(kmsg_value_count(field(v, "tags")), 2);
    EQ_STR(string_of(kmsg_value_at(field(v, "tags"), 0)), "math");
    EQ_INT(kmsg_value_at(field(v, "tags"), 2).err, KMSG_ENOENT);
    HAS(kmsg_last_error(), "no item 2: there are 2");
    EQ_STR(string_of(field(kmsg_value_at(phones, 0), "number")), "123");
    OK(kmsg_value_enum(field(kmsg_value_at(phones, 1), "kind"), &name));
    EQ_PTR(name, NULL);
    EQ_INT(int_of(kmsg_value_at(kmsg_value_at(field(v, "matrix"), 0), 1)), -2);
    EQ_UINT(kmsg_value_count(kmsg_value_at(field(v, "matrix"), 1)), 0);
    EQ_INT(int_of(field(kmsg_value_at(field(v, "path"), 0), "on")), 1);
    EQ_INT(kmsg_value_at(v, 0).err, KMSG_EINVAL);
    EQ_UINT(kmsg_value_count(v), 0);
}

TEST(keys_of_maps)
{
    every_Person p = a_person();
    kmsg_value   scores = field(kmsg_value_record(&every_Person_layout, &p), "scores");
    kmsg_string  go = KMSG_STR("go");

    EQ_UINT(kmsg_value_count(scores), 3);
    EQ_STR(string_of(kmsg_value_key(scores, 1)), "go");
    EQ_INT(int_of(kmsg_value_at(scores, 1)), -3);
    EQ_INT(int_of(kmsg_value_find(scores, &go)), -3);
    EQ_INT(int_of(kmsg_value_find_string(scores, kmsg_str("chess"))), 2100);
    EQ_INT(int_of(kmsg_value_find_string(scores, kmsg_str("tennis"))), 0);
    EQ_INT(kmsg_value_find_string(scores, kmsg_str("g")).err, KMSG_ENOENT);
    EQ_INT(kmsg_value_find_string(scores, kmsg_str("z")).err, KMSG_ENOENT);
    EQ_INT(kmsg_value_find_int(scores, 1).err, KMSG_EINVAL);
    EQ_INT(kmsg_value_key(scores, 3).err, KMSG_ENOENT);
    EQ_INT(kmsg_value_key(field(kmsg_value_record(&every_Person_layout, &p), "tags"), 0).err,
           KMSG_EINVAL);
}

TEST(sets_and_arrays)
{
    static const kmsg_string words[] = {KMSG_STR("a"), KMSG_STR("b")};
    static const uint16_t    small[] = {1, 5, 9};
    const forms_Sets         sets = {.words = {words, 2}, .small = {small, 3}};
    const forms_Arrays       arrays = {.mac = {1, 2, 3, 4, 5, 6},
                                       .grid = {{0}, {0, 0, 7}},
                                       .has_grid = true,
                                       .names = {KMSG_STR("x"), KMSG_STR("y"), KMSG_STR("")}};
    kmsg_value               s = kmsg_value_record(&forms_Sets_layout, &sets);
    kmsg_value               a = kmsg_value_record(&forms_Arrays_layout, &arrays);
    double                   seven = 0;

    EQ_STR(string_of(kmsg_value_find_string(field(s, "words"), kmsg_str("b"))), "b");
    EQ_INT(int_of(kmsg_value_find_int(field(s, "small"), 5)), 5);
    EQ_INT(kmsg_value_find_int(field(s, "small"), 6).err, KMSG_ENOENT);
    EQ_INT(kmsg_value_find_int(field(s, "small"), 65541).err, KMSG_ENOENT);
    EQ_INT(kmsg_value_find_int(field(s, "small"), -1).err, KMSG_ENOENT);
    CHECK(kmsg_value_is_absent(field(s, "macs")));
    EQ_UINT(kmsg_value_count(field(a, "mac")), 6);
    EQ_INT(int_of(kmsg_value_at(field(a, "mac"), 5)), 6);
    OK(kmsg_value_double(kmsg_value_at(kmsg_value_at(field(a, "grid"), 1), 2), &seven));
    CHECK(seven > 6.9);
    EQ_STR(string_of(kmsg_value_at(field(a, "names"), 1)), "y");
    EQ_INT(kmsg_value_at(field(a, "names"), 3).err, KMSG_ENOENT);
    CHECK(kmsg_value_is_absent(field(a, "leaves")));
    EQ_INT(kmsg_value_find_int(field(a, "mac"), 1).err, KMSG_EINVAL);
}

TEST(keys_of_any_type)
{
    static const forms_Sets_cells_entry cells[] = {
        {.key = {.x = -1, .y = {1, 2, 3}}, .value = {NULL, 0}},
        {.key = {.x = 7, .y = {0, 0, 9}, .on = true}, .value = {NULL, 0}}};
    const forms_Sets sets = {.cells = {cells, 2}};
    kmsg_value       v = field(kmsg_value_record(&forms_Sets_layout, &sets), "cells");
    forms_Cell       key = cells[1].key;

    EQ_PTR(kmsg_value_find(v, &key).data, &cells[1].value);
    EQ_INT(int_of(field(kmsg_value_key(v, 0), "x")), -1);
    key.y[2] = 8;
    EQ_INT(kmsg_value_find(v, &key).err, KMSG_ENOENT);
}

/* ---- unions, refs, any ----------------------------------------------------------------------- */

TEST(what_a_union_holds)
{
    static const forms_Circle circle = {.r = 1.5};
    forms_Shape               shape = {.kind = forms_Shape_kind_circle, .circle = &circle};
    kmsg_value                v = kmsg_value_of(&forms_Shape_type, &shape);
    const kmsg_field         *member = NULL;

    EQ_PTR(field(kmsg_value_chosen(v, &member), "r").data, &circle.r);
    EQ_STR(member->name, "circle");
    EQ_UINT(kmsg_value_tag(v), 1);
    shape = (forms_Shape){.kind = forms_Shape_kind_name, .name = KMSG_STR("n")};
    EQ_STR(string_of(kmsg_value_chosen(v, NULL)), "n");
    EQ_UINT(kmsg_value_tag(v), 5);
    shape = (forms_Shape){.kind = (forms_Shape_kind)0};
    CHECK(kmsg_value_is_absent(kmsg_value_chosen(v, &member)));
    EQ_PTR(member, NULL);
    EQ_UINT(kmsg_value_tag(v), 0);
    EQ_INT(field(v, "name").err, KMSG_EINVAL);
}

TEST(a_member_that_the_schema_does_not_know)
{
    static const uint8_t payload[] = {1, 2, 3};
    const forms_Shape    shape = {.kind = (forms_Shape_kind)77, .unknown = {payload, 3}};
    kmsg_value           v = kmsg_value_of(&forms_Shape_type, &shape);
    const kmsg_field    *member = NULL;
    kmsg_bytes           bytes = {NULL, 0};

    OK(kmsg_value_bytes(kmsg_value_chosen(v, &member), &bytes));
    EQ_MEM(bytes.data, bytes.size, payload, 3);
    EQ_UINT(member->number, 0);
    EQ_UINT(kmsg_value_tag(v), 77);
}

TEST(refs_are_followed)
{
    forms_Node              b = {.name = KMSG_STR("b")}, a = {.name = KMSG_STR("a"), .next = &b};
    const forms_Node *const friends[] = {&a, &b};
    kmsg_value              v = kmsg_value_record(&forms_Node_layout, &a);
    kmsg_value              list;

    b.next = &a;
    b.friends = (forms_Node_friends){friends, 2};
    EQ_STR(string_of(field(kmsg_value_follow(field(v, "next")), "name")), "b");
    list = field(kmsg_value_follow(field(v, "next")), "friends");
    EQ_PTR(kmsg_value_follow(kmsg_value_at(list, 0)).data, &a);
    b.next = NULL;
    CHECK(kmsg_value_is_absent(
        kmsg_value_follow(field(kmsg_value_follow(field(v, "next")), "next"))));
    EQ_INT(kmsg_value_follow(field(v, "name")).err, KMSG_EINVAL);
}

TEST(an_any_is_given_as_it_is)
{
    const forms_Others others = {.any = {KMSG_STR("a.B"), {NULL, 0}}};
    kmsg_value         v = kmsg_value_record(&forms_Others_layout, &others);
    kmsg_any           any = {.type = {NULL, 0}};

    OK(kmsg_value_any(field(v, "any"), &any));
    EQ_STR(any.type.data, "a.B");
    FAILS(kmsg_value_any(field(v, "home"), &any), KMSG_EVALUE);
    FAILS(kmsg_value_any(field(v, "shape"), &any), KMSG_EINVAL);
}
