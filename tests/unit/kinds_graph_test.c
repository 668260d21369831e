/* kinds_graph_test.c -- refs: what is shared and what goes round, on the wire and in memory. */
#include "kinds.h"

typedef struct Node {
    uint32_t           id;
    const struct Node *next;
    kmsg_string        name;
} Node;

typedef struct Leaf {
    uint8_t value;
} Leaf;

typedef struct by_name_entry {
    kmsg_string key;
    const Node *value;
} by_name_entry;

typedef struct Either {
    uint32_t kind;
    union {
        const Node *node;
        kmsg_bytes  unknown;
    };
} Either;

typedef struct Graph {
    const Node *first;
    kmsg_items  nodes;   /* const Node * */
    kmsg_items  by_name; /* by_name_entry */
    const Leaf *leaf;
    Either      either;
} Graph;

static const kmsg_layout node_layout, leaf_layout;
static const kmsg_type   node_ref = {TYPE("ref<kinds.Node>", KMSG_KIND_REF, const Node *),
                                     .layout = &node_layout};
static const kmsg_type   leaf_ref = {TYPE("ref<kinds.Leaf>", KMSG_KIND_REF, const Leaf *),
                                     .layout = &leaf_layout};
static const kmsg_field  node_fields[] = {{FIELD(Node, id, kmsg_type_u32, 1, 0)},
                                          {FIELD(Node, next, node_ref, 2, 0)},
                                          {FIELD(Node, name, kmsg_type_string, 3, 1)}};
static const kmsg_layout node_layout = {
    LAYOUT("kinds.Node", Node, node_fields, KMSG_SHAPE(4, 2, 2)), .has_refs = true};
static const kmsg_field  leaf_fields[] = {{FIELD(Leaf, value, kmsg_type_u8, 1, 0)}};
static const kmsg_layout leaf_layout = {
    LAYOUT("kinds.Leaf", Leaf, leaf_fields, KMSG_SHAPE(1, 0, 0))};

static const kmsg_field  ref_fields[] = {{.name = "", .type = &node_ref, .number = 1}};
static const kmsg_layout ref_row = {LAYOUT("ref", const Node *, ref_fields, KMSG_SHAPE_TEXT)};
static const kmsg_type   nodes_type = {TYPE("list<ref<kinds.Node>>", KMSG_KIND_ROWS, kmsg_items),
                                       .item = &node_ref, .layout = &ref_row};
static const kmsg_field  by_name_fields[] = {{PART(by_name_entry, key, kmsg_type_string, 1, 0)},
                                             {PART(by_name_entry, value, node_ref, 2, 1)}};
static const kmsg_layout by_name_row = {
    LAYOUT("by_name", by_name_entry, by_name_fields, KMSG_SHAPE(0, 2, 2))};
static const kmsg_type by_name_type = {
    TYPE("map<string, ref<kinds.Node>>", KMSG_KIND_MAP, kmsg_items), .layout = &by_name_row};
static const kmsg_field  either_fields[] = {{FIELD(Either, unknown, kmsg_type_bytes, 0, 0)},
                                            {FIELD(Either, node, node_ref, 1, 0)}};
static const kmsg_layout either_layout = {LAYOUT("kinds.Either", Either, either_fields, 0)};
static const kmsg_type   either_type = {TYPE("kinds.Either", KMSG_KIND_UNION, Either),
                                        .layout = &either_layout};

static const kmsg_field  graph_fields[] = {{FIELD(Graph, first, node_ref, 1, 0)},
                                           {FIELD(Graph, nodes, nodes_type, 2, 1)},
                                           {FIELD(Graph, by_name, by_name_type, 3, 2)},
                                           {FIELD(Graph, leaf, leaf_ref, 4, 3)},
                                           {FIELD(Graph, either, either_type, 5, 4)}};
static const kmsg_layout graph_layout = {
    LAYOUT("kinds.Graph", Graph, graph_fields, KMSG_SHAPE(0, 5, 2)), .has_refs = true};

/* ---- on the wire ----------------------------------------------------------------------------- */

TEST(refs_that_lead_nowhere_are_absent)
{
    const Graph graph = {.first = NULL};

    is_on_the_wire(&graph_layout, &graph,
                   "1c 00 00 00  00 00 05 80\n"
                   "ff ff ff ff  00 00 00 00  00 00 00 00  ff ff ff ff  00 00 00 00",
                   "kinds.Graph { nodes: [], by_name: {}, either: none }");
}

TEST(objects_stand_behind_the_record_in_the_order_in_which_they_are_met)
{
    const Node          last = {3, NULL, KMSG_STR("c")};
    const Node          first = {1, &last, KMSG_STR("a")}, second = {2, &first, KMSG_STR("")};
    const Leaf          leaf = {9};
    const Node *const   nodes[] = {&second, NULL, &first};
    const by_name_entry by_name[] = {{KMSG_STR("z"), &last}, {KMSG_STR("y"), &second}};
    const Graph         graph = {.first = &first,
                                 .nodes = {nodes, 3},
                                 .by_name = {by_name, 2},
                                 .leaf = &leaf,
                                 .either = {.kind = 1, .node = &last}};

    is_on_the_wire(
        &graph_layout, &graph,
        "7c 00 00 00  00 00 05 80\n"
        "04 00 00 00  1c 00 00 00  2c 00 00 00  04 00 00 00  10 00 00 00\n"
        "00 00 00 00                                          # first: object 0\n"
        "03 00 00 00  00 00 01 80                             # nodes, from 32\n"
        "04 00 00 00  ff ff ff ff  04 00 00 00\n"
        "01 00 00 00  00 00 00 00                             #   1, none, 0\n"
        "00 00 00 00                                          # by_name: padding up to 64\n"
        "02 00 00 00  00 00 02 80\n"
        "02 00 00 00  06 00 00 00  02 00 00 00  06 00 00 00\n"
        "79 00 00 00 01 00 00 00  7a 00 00 00 02 00 00 00     #   y: 1, z: 2\n"
        "03 00 00 00                                          # leaf, at 104\n"
        "00 00 00 00                                          # either: padding up to 112\n"
        "0c 00 00 00  01 00 00 80  02 00 00 00\n"
        "00 00 00 00                                          # padding behind the record\n"
        "1a 00 00 00  04 00 02 80  01 00 00 00  04 00 00 00  02 00 00 00\n"
        "02 00 00 00  61 00  00 00 00 00 00 00                # object 0 leads to 2\n"
        "18 00 00 00  04 00 02 80  02 00 00 00  04 00 00 00  00 00 00 00\n"
        "00 00 00 00                                          # object 1 leads to 0\n"
        "16 00 00 00  04 00 02 80  03 00 00 00  ff ff ff ff  02 00 00 00\n"
        "63 00  00 00                                         # object 2 leads nowhere\n"
        "09 00 00 00  01 00 00 00  09  00 00 00 00 00 00 00   # object 3",
        "kinds.Graph { first: #1 { id: 1, next: #2 { id: 3, name: \"c\" }, name: \"a\" }, "
        "nodes: [#3 { id: 2, next: #1, name: \"\" }, none, #1], "
        "by_name: {\"y\": #3, \"z\": #2}, leaf: #4 { value: 9 }, either: { node: #2 } }");
}

TEST(what_goes_round_goes_round_again)
{
    Node        a = {1, NULL, KMSG_STR("a")}, b = {2, &a, KMSG_STR("b")};
    const Graph graph = {.first = &a};
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;
    Graph       out, copy;

    a.next = &b;
    OK(kmsg_encode(&graph_layout, &graph, mem, &bytes));
    OK(kmsg_decode(&graph_layout, bytes, mem, &out));
    CHECK(out.first->next->next == out.first);
    EQ_STR(out.first->next->name.data, "b");
    OK(kmsg_copy(&graph_layout, &out, mem, &copy));
    CHECK(copy.first != out.first && copy.first->next->next == copy.first);
    CHECK(kmsg_equal(&graph_layout, &graph, &copy));
    CHECK(prints(&graph_layout, &copy,
                 "kinds.Graph { first: #1 { id: 1, next: #2 { id: 2, next: #1, name: \"b\" }, "
                 "name: \"a\" }, nodes: [], by_name: {}, either: none }"));
    torture(&graph_layout, bytes.data, bytes.size);
    kmsg_arena_free(mem);
}

/* The record of a message is not one of its objects. */
TEST(a_ref_to_the_record_itself_leads_to_a_copy_of_it)
{
    Node        node = {7, &node, KMSG_STR("self")}, out;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;

    OK(kmsg_encode(&node_layout, &node, mem, &bytes));
    OK(kmsg_decode(&node_layout, bytes, mem, &out));
    CHECK(out.next != &out && out.next->next == out.next);
    CHECK(kmsg_equal(&node_layout, &node, &out));
    kmsg_arena_free(mem);
}

TEST(a_value_alone_may_be_a_graph)
{
    Node        node = {7, &node, KMSG_STR("self")};
    const Node *ref = &node, *out = NULL;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;

    OK(kmsg_encode_value(&node_ref, &ref, mem, &bytes));
    OK(kmsg_decode_value(&node_ref, bytes, mem, &out));
    CHECK(out->next == out);
    EQ_STR(out->name.data, "self");
    OK(kmsg_copy_value(&node_ref, &out, mem, &out));
    CHECK(kmsg_equal_value(&node_ref, &ref, &out));
    kmsg_arena_free(mem);
}

/* ---- equality -------------------------------------------------------------------------------- */

TEST(graphs_are_equal_if_nobody_who_follows_them_can_tell)
{
    Node        one = {1, &one, KMSG_STR("x")};
    Node        two[2] = {{1, &two[1], KMSG_STR("x")}, {1, &two[0], KMSG_STR("x")}};
    const Graph a = {.first = &one}, b = {.first = &two[0]}, none = {.first = NULL};

    CHECK(kmsg_equal(&graph_layout, &a, &b));
    CHECK(!kmsg_equal(&graph_layout, &a, &none));
    two[1].id = 2;
    CHECK(!kmsg_equal(&graph_layout, &a, &b));
}

/* ---- long chains ----------------------------------------------------------------------------- */

TEST(no_chain_of_refs_is_too_long)
{
    enum { LENGTH = 100000 };
    kmsg_arena *mem = kmsg_arena_new();
    Node       *chain = kmsg_alloc_array(mem, Node, LENGTH);
    Graph       graph = {.first = chain}, out, copy;
    const Node *at;
    kmsg_bytes  bytes;
    FILE       *f = fopen("/dev/null", "w");
    uint32_t    n = 0;

    for (uint32_t i = 0; i < LENGTH; i++)
        chain[i] = (Node){i, i + 1 < LENGTH ? &chain[i + 1] : NULL, KMSG_STR("")};
    OK(kmsg_encode(&graph_layout, &graph, mem, &bytes));
    OK(kmsg_decode(&graph_layout, bytes, mem, &out));
    for (at = out.first; at != NULL; at = at->next)
        EQ_UINT(at->id, n++);
    EQ_UINT(n, LENGTH);
    OK(kmsg_copy(&graph_layout, &out, mem, &copy));
    CHECK(kmsg_equal(&graph_layout, &graph, &copy));
    kmsg_print(&graph_layout, &copy, f);
    fclose(f);
    kmsg_arena_free(mem);
}

/* ---- hostile messages ------------------------------------------------------------------------ */

#define ROOT          "1c 00 00 00  00 00 05 80  "
#define REST          "  00 00 00 00  00 00 00 00  ff ff ff ff  00 00 00 00 "
#define FIRST(number) "20 00 00 00  00 00 05 80  04 00 00 00" REST number " 00 00 00 "
#define LEAF          "09 00 00 00  01 00 00 00  09 00 00 00 00 00 00 00 "
#define NODE                                                                                       \
    "14 00 00 00  04 00 02 80  01 00 00 00  ff ff ff ff  00 00 00 00  00 00 00 00 "

TEST(numbers_that_do_not_fit_are_refused)
{
    is_refused(&graph_layout, FIRST("00"), KMSG_EDECODE,
               "Graph.first: leads to an object that is not there");
    is_refused(&graph_layout, FIRST("01") NODE, KMSG_EDECODE,
               "Graph.first: leads to an object that is not there");
    is_refused(&graph_layout, FIRST("01") NODE NODE, KMSG_EDECODE,
               "Graph.first: objects that are not numbered in the order of their mention");
    is_refused(&graph_layout, FIRST("00") NODE NODE, KMSG_EDECODE,
               "Graph: objects that nothing leads to");
    is_refused(&graph_layout, FIRST("00") LEAF, KMSG_EDECODE,
               "Node#0: its scalars end within a field");
    is_refused(&graph_layout, ROOT "ff ff ff ff" REST "00 00 00 00 " NODE, KMSG_EDECODE,
               "Graph: objects that nothing leads to");
    is_refused(&graph_layout, "1d 00 00 00  00 00 05 80  01 00 00 00" REST "00 00 00 00 " NODE,
               KMSG_EDECODE, "Graph.first: not the number of an object");
}

TEST(an_object_has_one_type)
{
    is_refused(&graph_layout,
               "24 00 00 00  00 00 05 80  04 00 00 00  00 00 00 00  00 00 00 00  04 00 00 00 "
               "00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00 " NODE,
               KMSG_EDECODE, "Graph.leaf: leads to an object of another type");
}

TEST(objects_fill_their_place_exactly)
{
    is_refused(&graph_layout, ROOT "ff ff ff ff" REST "00 00 00 00", KMSG_EDECODE,
               "Graph: what follows it are not whole objects");
    is_refused(&graph_layout, ROOT "ff ff ff ff" REST "00 00", KMSG_EDECODE,
               "Graph: its header tells another size than it has");
    is_refused(&graph_layout, ROOT "ff ff ff ff" REST "00 00 01 00 " NODE, KMSG_EDECODE,
               "Graph: its header tells another size than it has");
    is_refused(&graph_layout,
               FIRST("00") "15 00 00 00  04 00 02 80  01 00 00 00 "
                           "ff ff ff ff  00 00 00 00",
               KMSG_EDECODE, "Graph: what follows it are not whole objects");
    is_refused(&graph_layout,
               FIRST("00") "14 00 00 00  04 00 02 80  01 00 00 00 "
                           "ff ff ff ff  00 00 00 00  00 00 00 01",
               KMSG_EDECODE, "Graph: what follows it are not whole objects");
    is_refused(&graph_layout,
               FIRST("00") "14 00 00 00  04 00 02 80  01 00 00 00 "
                           "ff ff ff ff  00 00 00 00",
               KMSG_EDECODE, "Graph: what follows it are not whole objects");
    is_refused(&graph_layout, FIRST("00") "00 00 00 00  00 00 00 00", KMSG_EDECODE,
               "Graph: what follows it are not whole objects");
    is_refused(&node_layout,
               "14 00 00 00  04 00 02 80  01 00 00 00  ff ff ff ff  00 00 00 00  00 00 00 00 " LEAF,
               KMSG_EDECODE, "Node: objects that nothing leads to");
    is_refused(&leaf_layout, LEAF LEAF, KMSG_EDECODE, "Leaf: objects that nothing leads to");
}

TEST(what_is_wrong_in_an_object_has_its_place)
{
    const Node  bad = {2, NULL, {"\xff", 1}}, good = {1, &bad, KMSG_STR("")};
    const Graph graph = {.first = &good};

    is_not_sent(&graph_layout, &graph, KMSG_EVALUE, "Node#1.name: not UTF-8");
    is_refused(&graph_layout,
               FIRST("00") "16 00 00 00  04 00 02 80  01 00 00 00  ff ff ff ff  02 00 00 00 "
                           "ff 00 00 00",
               KMSG_EDECODE, "Node#0.name: not UTF-8");
}

/* Small objects of an older schema, which have grown large since. */
TEST(objects_are_within_the_budget_of_their_message)
{
    typedef struct Wide {
        uint8_t bytes[1000];
    } Wide;
    static const kmsg_type bytes_type = {TYPE("u8[1000]", KMSG_KIND_VECTOR, uint8_t[1000]),
                                         .item = &kmsg_type_u8, .count = 1000};
    const kmsg_field       wide_fields[] = {{FIELD(Wide, bytes, bytes_type, 1, 0)}};
    const kmsg_layout wide_layout = {LAYOUT("Wide", Wide, wide_fields, KMSG_SHAPE(1000, 0, 0))};
    const kmsg_type   ref = {TYPE("ref<Wide>", KMSG_KIND_REF, void *), .layout = &wide_layout};
    const kmsg_field  row_fields[] = {{.name = "", .type = &ref, .number = 1}};
    const kmsg_layout row = {LAYOUT("ref", void *, row_fields, KMSG_SHAPE_TEXT)};
    const kmsg_type   list = {TYPE("list<ref<Wide>>", KMSG_KIND_ROWS, kmsg_items), .item = &ref,
                              .layout = &row};
    enum { COUNT = 1000, ROOT_SIZE = 24 + 8 * COUNT, SIZE = ROOT_SIZE + 8 * COUNT };
    kmsg_arena *mem = kmsg_arena_new();
    uint8_t    *bytes = kmsg_alloc(mem, SIZE, 8);
    kmsg_items  out;

    memset(bytes, 0, SIZE);
    (void)from_hex("00 00 00 00  00 00 01 80  00 00 00 00  00 00 00 00  00 00 00 00  00 00 01 80",
                   bytes);
    kmsg_store32(bytes, ROOT_SIZE);
    kmsg_store32(bytes + 8, ROOT_SIZE - 12);
    kmsg_store32(bytes + 16, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        kmsg_store32(bytes + 24 + 4 * i, 4);
        kmsg_store32(bytes + 24 + 4 * COUNT + 4 * i, i);
        kmsg_store32(bytes + ROOT_SIZE + 8 * i, 8);
    }
    FAILS(kmsg_decode_value(&list, (kmsg_bytes){bytes, SIZE}, mem, &out), KMSG_ETOOBIG);
    HAS(kmsg_last_error(), "list<ref<Wide>>[2");
    HAS(kmsg_last_error(), "]: takes more memory than such a message may");
    kmsg_arena_free(mem);
}

/* ---- other versions -------------------------------------------------------------------------- */

/* A reader that has given up or never knew the fields with refs leaves their objects alone. */
TEST(objects_that_only_another_version_mentions_are_left_alone)
{
    const Node  second = {2, NULL, KMSG_STR("2")}, first = {1, &second, KMSG_STR("1")};
    const Leaf  leaf = {9};
    const Graph graph = {.first = &first, .leaf = &leaf};
    kmsg_field  fields[5];
    kmsg_layout older = graph_layout, gave_up = graph_layout;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;
    Graph       out = {.first = NULL};

    OK(kmsg_encode(&graph_layout, &graph, mem, &bytes));
    older.count = 1;
    older.shape = KMSG_SHAPE(0, 1, 2);
    OK(kmsg_decode(&older, bytes, mem, &out));
    EQ_STR(out.first->next->name.data, "2");
    memcpy(fields, graph_fields, sizeof fields);
    fields[0].name = NULL;
    gave_up.fields = fields;
    OK(kmsg_decode(&gave_up, bytes, mem, &out));
    EQ_INT(out.leaf->value, 9);
    kmsg_arena_free(mem);
}

/* The first object belongs to the field that was given up. */
TEST(a_union_mentions_objects_behind_those_that_were_skipped)
{
    const Node  first = {1, NULL, KMSG_STR("1")}, second = {2, NULL, KMSG_STR("2")};
    const Graph graph = {.first = &first, .either = {1, {.node = &second}}};
    kmsg_field  fields[5];
    kmsg_layout gave_up = graph_layout;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;
    Graph       out = {.first = NULL};

    memcpy(fields, graph_fields, sizeof fields);
    fields[0].name = NULL;
    gave_up.fields = fields;
    OK(kmsg_encode(&graph_layout, &graph, mem, &bytes));
    OK(kmsg_decode(&gave_up, bytes, mem, &out));
    EQ_STR(out.either.node->name.data, "2");
    kmsg_arena_free(mem);
}

TEST(an_older_writer_had_no_refs)
{
    static const kmsg_field fields[] = {{FIELD(Node, id, kmsg_type_u32, 1, 0)}};
    const kmsg_layout       older = {LAYOUT("kinds.Node", Node, fields, KMSG_SHAPE(4, 0, 2))};
    const Node              node = {5, NULL, KMSG_STR("")};
    kmsg_arena             *mem = kmsg_arena_new();
    kmsg_bytes              bytes;
    Node                    out;

    OK(kmsg_encode(&older, &node, mem, &bytes));
    OK(kmsg_decode(&node_layout, bytes, mem, &out));
    CHECK(out.id == 5 && out.next == NULL && out.name.data != NULL);
    kmsg_arena_free(mem);
}

/* What was skipped may have had refs, but what was read has them. */
TEST(a_union_with_a_ref_says_so_in_any_version)
{
    is_refused(&graph_layout,
               "2c 00 00 00  00 00 06 80  ff ff ff ff  00 00 00 00  00 00 00 00  ff ff ff ff "
               "0c 00 00 00  00 00 00 00  0c 00 00 00  01 00 00 00  00 00 00 00  00 00 00 00 " NODE,
               KMSG_EDECODE, "Graph.either: tells wrongly whether it leads to objects");
}
