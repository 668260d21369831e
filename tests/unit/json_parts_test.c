/* json_parts_test.c -- what has parts as JSON: records, lists, maps, unions, any, refs; what may be
 * missing, null or unknown; and the limits.
 */
#include "tests/test.h"

#include "everything.kmsg.h"
#include "language.kmsg.h"

#include <kmsg/json.h>

#include <stdlib.h>

#define TEXT_MAX 65536u

static const kmsg_layout *const known[] = {&lang_Circle_layout, &lang_Node_layout,
                                           &lang_Missing_layout, &lang_Lists_layout};
static const kmsg_json_options knowing = {.types = known, .type_count = 4};
static const kmsg_json_options lenient = {.lenient = true};

/* What is written of what was read; or what was said. */
static const char *again_with(const kmsg_json_options *options, const kmsg_layout *layout,
                              const char *json)
{
    static char          text[TEXT_MAX];
    _Alignas(16) uint8_t value[2048];
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_string          out = KMSG_STR("");

    CHECK(layout->size <= sizeof value);
    if (kmsg_json_decode(layout, kmsg_str(json), options, mem, value) == KMSG_OK)
        OK(kmsg_json_encode(layout, value, options, mem, &out));
    snprintf(text, sizeof text, "%s", out.size == 0 ? kmsg_last_error() : out.data);
    kmsg_arena_free(mem);
    return text;
}

static const char *again(const kmsg_layout *layout, const char *json)
{
    return again_with(&knowing, layout, json);
}

#define SAME(layout, json) EQ_STR(again(layout, json), json)

/* ---- records --------------------------------------------------------------------------------- */

static const char vec[] = "{\"x\":1.0,\"y\":2.5,\"tag\":[1,2,3],\"on\":[true,false]}";

TEST(a_record_is_an_object_in_the_order_of_its_numbers)
{
    SAME(&lang_Vec_layout, vec);
    EQ_STR(again(&lang_Vec_layout,
                 " {\"on\":[true,false] , \"tag\":[1,2,3],\n\"y\":2.5,\t\"x\":1}\r\n"),
           vec);
}

TEST(what_is_missing_has_its_default)
{
    kmsg_arena  *mem = kmsg_arena_new();
    lang_Scalars scalars;
    every_Person person;
    every_V2     v2;
    lang_Arrays  arrays;

    OK(kmsg_json_decode(&lang_Scalars_layout, kmsg_str("{}"), NULL, mem, &scalars));
    CHECK(lang_Scalars_equal(&scalars, &lang_Scalars_initial));
    OK(kmsg_json_decode(&every_Person_layout, kmsg_str("{}"), NULL, mem, &person));
    CHECK(every_Person_equal(&person, &every_Person_initial));
    EQ_UINT(person.home.zip, 1234);
    OK(kmsg_json_decode(&every_V2_layout, kmsg_str("{\"e\":{}}"), NULL, mem, &v2));
    CHECK(every_V2_equal(&v2, &every_V2_initial));
    OK(kmsg_json_decode(&lang_Arrays_layout,
                        kmsg_str("{\"cells\":[{\"letter\":\"a\"},{\"letter\":\"b\"}]}"), NULL, mem,
                        &arrays));
    EQ_INT(arrays.cells[1].level, lang_Level_LOW);
    EQ_STR(arrays.names[1].data, "");
    kmsg_arena_free(mem);
}

TEST(a_default_is_taken_even_outside_of_its_limits)
{
    kmsg_arena  *mem = kmsg_arena_new();
    lang_Limited limited;

    OK(kmsg_json_decode(&lang_Limited_layout, kmsg_str("{\"age\":150}"), NULL, mem, &limited));
    EQ_INT(limited.age, 150);
    EQ_STR(limited.name.data, "");
    EQ_INT(limited.low, -2);
    kmsg_arena_free(mem);
}

TEST(what_is_there_is_within_its_limits)
{
    const kmsg_layout *limited = &lang_Limited_layout;

    EQ_STR(again(limited, "{\"age\":151}"), "Limited.age: 151 is above 150");
    EQ_STR(again(limited, "{\"name\":\"\"}"), "Limited.name: 0 bytes, at least 1");
    EQ_STR(again(limited, "{\"code\":\"a\"}"),
           "Limited.code: does not match \"[A-Z]+[0-9]{1,3}\"");
    EQ_STR(again(limited, "{\"dice\":[1]}"), "Limited.dice: 1 item, at least 2");
    EQ_STR(again(limited, "{\"dice\":[1,7]}"), "Limited.dice[1]: 7 is above 6");
    EQ_STR(again(limited, "{\"height\":\"NaN\"}"),
           "Limited.height: not a number, which is outside of any limit");
    EQ_STR(again(limited, "{\"wait\":\"3601s\"}"), "Limited.wait: 3601s is above 3600s");
    EQ_STR(again(limited, "{\"key\":\"AQ==\"}"), "Limited.key: 1 byte, at least 4");
    EQ_STR(again(limited, "{\"letters\":[[\"a\",1],[\"A\",1]]}"),
           "Limited.letters[1]: U+0041 is below U+0061");
    EQ_STR(again(limited, "{\"short\":{\"long\":1}}"),
           "Limited.short[\"long\"]: 4 bytes, at most 3");
    EQ_STR(again(limited, "{\"ids\":[]}"), "Limited.ids: 0 items, at least 1");
}

TEST(unknown_members_are_ignored_unless_they_shall_be_refused)
{
    const kmsg_json_options strict = {.refuse_unknown = true};
    const char *json = "{\"street\":\"s\",\"stret\":{\"a\":[1e5,null]},\"city\":\"c\",\"zip\":1}";

    EQ_STR(again(&every_Address_layout, json), "{\"street\":\"s\",\"city\":\"c\",\"zip\":1}");
    EQ_STR(again_with(&strict, &every_Address_layout, json),
           "Address: every.Address has no field \"stret\"");
}

TEST(reserved_fields_are_no_members)
{
    EQ_STR(again(&every_V2b_layout, "{\"a\":1,\"b\":\"x\",\"reserved\":7,\"f\":[\"3\"],\"g\":9}"),
           "{\"a\":1,\"b\":\"x\",\"f\":[\"3\"],\"g\":9}");
}

TEST(null_is_what_is_absent)
{
    EQ_STR(again(&every_V2_layout, "{\"a\":null}"), "V2.a: null, which is no u32");
    EQ_STR(again(&lang_Lists_layout, "{\"a\":[null]}"), "Lists.a[0]: null, which is no any");
    EQ_STR(again(&every_V2_layout, "{\"e\":{},\"g\":null}"),
           "{\"a\":0,\"b\":\"\",\"c\":7,\"d\":\"new\",\"e\":{\"street\":\"\",\"city\":\"\","
           "\"zip\":1234},\"f\":[]}");
}

TEST(to_a_lenient_reader_null_is_the_default_and_no_container)
{
    EQ_STR(again_with(&lenient, &every_V2_layout,
                      "{\"a\":null,\"c\":null,\"d\":null,\"g\":null}"),
           "{\"a\":0,\"b\":\"\",\"c\":7,\"d\":\"new\",\"e\":{\"street\":\"\",\"city\":\"\","
           "\"zip\":1234},\"f\":[]}");
    EQ_STR(again_with(&lenient, &lang_Lists_layout, "{\"a\":[null],\"b\":[null]}"),
           "{\"a\":[{}],\"b\":[\"\"],\"c\":[],\"d\":[],\"e\":[],\"f\":[],\"g\":[]}");
    EQ_STR(again_with(&lenient, &every_V2_layout, "{\"e\":null}"),
           "V2.e: null, which is no every.Address");
    EQ_STR(again_with(&lenient, &every_V2_layout, "{\"f\":null}"),
           "V2.f: null, which is no list<u64>");
    EQ_STR(again_with(&lenient, &lang_Sets_layout, "{\"nums\":null}"),
           "Sets.nums: null, which is no set<i32>");
    EQ_STR(again_with(&lenient, &lang_Maps_layout, "{\"a\":null}"),
           "Maps.a: null, which is no map<bool, string>");
    EQ_STR(again_with(&lenient, &lang_Unions_layout, "{\"one\":null}"),
           "Unions.one: null, which is no lang.Shape");
    EQ_STR(again_with(&lenient, &lang_Arrays_layout, "{\"pos\":null}"),
           "Arrays.pos: null, which is no f32[3]");
}

TEST(optionals_are_there_or_left_out)
{
    EQ_STR(again(&lang_Optionals_layout, "{\"b\":null,\"r\":null,\"t\":null,\"u\":null}"), "{}");
    SAME(&lang_Optionals_layout,
         "{\"b\":false,\"i\":\"0\",\"f\":1.5,\"v\":{\"x\":0.0,\"y\":0.0,\"tag\":[0,0,0],"
         "\"on\":[false,"
         "false]},\"a\":[1,2,3,4],\"s\":\"x\",\"y\":\"\",\"w\":\"\",\"l\":[],\"z\":[],\"m\":[],"
         "\"r\":{\"side\":0.0},\"t\":[\"\",\"a\",\"\"],\"u\":[\"b\",\"\"],\"e\":\"LOW\","
         "\"mac\":[0,0,"
         "0,0,0,1]}");
}

/* ---- lists, sets, maps ----------------------------------------------------------------------- */

TEST(an_array_of_fixed_length_has_all_its_items)
{
    EQ_STR(again(&lang_Arrays_layout, "{\"pos\":[1,2]}"), "Arrays.pos: 2 items instead of 3");
    EQ_STR(again(&lang_Arrays_layout, "{\"deep\":[[\"x\",\"y\"],[\"z\"]]}"),
           "Arrays.deep[1]: 1 item instead of 2");
}

TEST(a_lenient_reader_cuts_it_or_fills_it_up)
{
    kmsg_arena *mem = kmsg_arena_new();
    lang_Arrays a;

    OK(kmsg_json_decode(&lang_Arrays_layout,
                        kmsg_str("{\"cells\":[{\"letter\":\"a\"},{\"letter\":\"a\"}],\"pos\":[1,2],"
                                 "\"names\":[\"a\",\"b\",\"c\"],\"deep\":[[\"x\"]],\"grid\":[[1],"
                                 "[2,3,4,5]]}"),
                        &lenient, mem, &a));
    CHECK(a.pos[0] == 1 && a.pos[1] == 2 && a.pos[2] == 0);
    EQ_STR(a.names[1].data, "b");
    EQ_STR(a.deep[0][0].data, "x");
    EQ_STR(a.deep[1][1].data, "");
    CHECK(a.grid[0][0] == 1 && a.grid[0][1] == 0 && a.grid[1][2] == 4);
    kmsg_arena_free(mem);
}

TEST(sets_are_read_in_any_order_and_written_in_theirs)
{
    EQ_STR(again(&lang_Sets_layout, "{\"words\":[\"b\",\"a\"],\"nums\":[3,-1,2],\"bools\":[true,"
                                    "false]}"),
           "{\"words\":[\"a\",\"b\"],\"ids\":[],\"nums\":[-1,2,3],\"keys\":[],\"blobs\":[],"
           "\"levels\":[],\"times\":[],\"of\":[],\"by\":{},\"names\":[],\"bools\":[false,true],"
           "\"runes\":[]}");
    EQ_STR(again(&lang_Sets_layout, "{\"nums\":[1,2,1]}"), "Sets.nums[2]: is there twice");
}

TEST(maps_are_objects_or_arrays_of_pairs_in_the_order_of_their_keys)
{
    EQ_STR(again(&lang_Maps_layout,
                 "{\"h\":{\"b\":2,\"a\":1,\"\":0},\"a\":[[true,\"t\"],[false,\"f\"]],"
                 "\"i\":[[[1,2],3]],\"e\":[[{\"a\":1,\"b\":[2,3]},{}]],\"g\":{\"x\":null}}"),
           "{\"a\":[[false,\"f\"],[true,\"t\"]],\"b\":[],\"c\":[],\"d\":[],\"e\":[[{\"a\":1,\"b\":["
           "2,3],\"c\":false},{}]],\"f\":[],\"g\":{\"x\":null},\"h\":{\"\":0,\"a\":1,\"b\":2},"
           "\"i\":[[[1,2],3]],\"j\":[]}");
    EQ_STR(again(&lang_Maps_layout, "{\"h\":{\"go\":3000000000}}"),
           "Maps.h[\"go\"]: 3000000000 is out of the range of i32");
    EQ_STR(again(&lang_Maps_layout, "{\"h\":[[\"go\",3]]}"), "Maps.h: not a map<string, i32>");
    EQ_STR(again(&lang_Maps_layout, "{\"a\":{\"true\":\"t\"}}"),
           "Maps.a: not a map<bool, string>");
    EQ_STR(again(&lang_Maps_layout, "{\"a\":[[true,\"t\"],[false]]}"),
           "Maps.a[1]: not an array of a key and a value");
    EQ_STR(again(&lang_Maps_layout, "{\"a\":[[null,\"t\"]]}"), "Maps.a[0]: null as a key");
    EQ_STR(again(&lang_Maps_layout, "{\"b\":[[\"17\",{\"side\":true}]]}"),
           "Maps.b[0].side: not an f64");
    EQ_STR(again(&lang_Maps_layout, "{\"a\":[[true,\"\"],[true,\"\"]]}"),
           "Maps.a[1]: is there twice");
    EQ_STR(again(&lang_Maps_layout, "{\"h\":{\"a\":1,\"\\u0061\":2}}"),
           "1:20: duplicate object key near '\"\\u0061\"'");
    HAS(again(&lang_Maps_layout, "{\"h\":{\"a\\u0000\":1}}"), "NUL byte in object key");
}

TEST(a_place_leads_through_all_of_it)
{
    EQ_STR(again(&every_Person_layout,
                 "{\"books\":[[7,{\"a long key that is cut after some bytes\":{\"zip\":-1}}]]}"),
           "Person.books[0][\"a long key that is cut after som\"...].zip: -1 is out of the range "
           "of u32");
    EQ_STR(again(&every_Person_layout, "{\"friends\":[{},{\"matrix\":[[1],[2,\"3\"]]}]}"),
           "Person.friends[1].matrix[1][1]: not an i32");
    EQ_STR(again(&every_Person_layout, "[]"), "Person: not an every.Person");
}

/* ---- unions ---------------------------------------------------------------------------------- */

static kmsg_string union_of(const lang_Other *value, kmsg_arena *mem)
{
    kmsg_string text = KMSG_STR("");

    OK(kmsg_json_encode_value(&lang_Other_type, value, NULL, mem, &text));
    return text;
}

static const char *shape(const char *json)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof text, "{\"name\":\"\",\"shape\":%s}", json);
    snprintf(text, sizeof text, "%s", again(&lang_Missing_layout, text));
    if (strncmp(text, "{\"name\":\"\",\"shape\":", 19) != 0)
        return text;
    text[strlen(text) - 1] = '\0';
    return text + 19;
}

TEST(a_union_is_an_object_with_its_one_member)
{
    EQ_STR(shape("{}"), "{}");
    EQ_STR(shape("{\"square\":{}}"), "{\"square\":{\"side\":0.0}}");
    EQ_STR(shape("{\"name\":\"x\"}"), "{\"name\":\"x\"}");
    EQ_STR(shape("{\"grid\":[1,2,3]}"), "{\"grid\":[1.0,2.0,3.0]}");
    EQ_STR(shape("{\"words\":[\"\",\"x\"]}"), "{\"words\":[\"\",\"x\"]}");
    EQ_STR(shape("{\"kind\":true}"), "{\"kind\":true}");
    EQ_STR(shape("{\"unknown\":\"AQ==\"}"), "{\"unknown\":\"AQ==\"}");
    EQ_STR(shape("{\"node\":null}"), "{\"node\":null}");
    EQ_STR(shape("{\"again\":{\"shape\":{\"count\":7}}}"),
           "{\"again\":{\"shape\":{\"count\":7}}}");
    EQ_STR(shape("{\"name\":\"x\",\"count\":1}"),
           "Missing.shape: more than one member of lang.Shape");
    EQ_STR(shape("{\"cube\":1}"), "Missing.shape: lang.Shape has no member \"cube\"");
    EQ_STR(shape("{\"square\":null}"),
           "Missing.shape.square: null, which is no lang.Square");
    EQ_STR(shape("{\"count\":0}"), "Missing.shape.count: 0 is below 1");
    EQ_STR(shape("[]"), "Missing.shape: not a lang.Shape");
}

TEST(a_member_that_the_schema_does_not_know_keeps_its_bytes)
{
    static const uint8_t payload[] = {1, 0, 0, 0};
    const lang_Other     other = {.kind = (lang_Other_kind)77, .unknown = {payload, 4}};
    kmsg_arena          *mem = kmsg_arena_new();
    lang_Other           back;

    EQ_STR(union_of(&other, mem).data, "{\"value\":{\"77\":\"AQAAAA==\"}}");
    OK(kmsg_json_decode_value(&lang_Other_type, union_of(&other, mem), NULL, mem, &back));
    CHECK(lang_Other_equal(&other, &back));
    EQ_STR(shape("{\"4\":\"AQ==\"}"), "{\"4\":\"AQ==\"}"); /* given up by the schema */
    EQ_STR(shape("{\"1\":\"AQ==\"}"), "Missing.shape: lang.Shape has no member \"1\"");
    EQ_STR(shape("{\"0\":\"AQ==\"}"), "Missing.shape: lang.Shape has no member \"0\"");
    EQ_STR(shape("{\"077\":\"AQ==\"}"), "Missing.shape: lang.Shape has no member \"077\"");
    EQ_STR(shape("{\"16383\":\"\"}"), "{\"16383\":\"\"}");
    EQ_STR(shape("{\"16384\":\"\"}"), "Missing.shape: lang.Shape has no member \"16384\"");
    kmsg_arena_free(mem);
}

/* ---- any ------------------------------------------------------------------------------------- */

static const char *any(const kmsg_json_options *options, const char *json)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof text, "{\"s\":%s}", json);
    snprintf(text, sizeof text, "%s", again_with(options, &lang_Scalars_layout, text));
    if (strstr(text, "\"s\":") == NULL)
        return text;
    *strstr(text, ",\"t\":") = '\0';
    return strstr(text, "\"s\":") + 4;
}

static const char circle[] =
    "{\"type\":\"lang.Circle\",\"value\":{\"center\":{\"x\":0.0,\"y\":0.0,\"tag\":[0,0,0],"
    "\"on\":[false,false]},\"radius\":2.0}}";

TEST(an_any_is_its_type_and_its_value_or_its_bytes)
{
    const char *bytes = "{\"type\":\"x.Y\",\"bytes\":\"EAAAAAgAAIABAAAAAgAAAA==\"}";

    EQ_STR(any(&knowing, "{}"), "{}");
    EQ_STR(any(&lenient, "null"), "{}");
    EQ_STR(any(&knowing, circle), circle);
    EQ_STR(any(&knowing, "{\"value\":{\"radius\":2},\"type\":\"lang.Circle\",\"more\":1}"), circle);
    EQ_STR(any(NULL, bytes), bytes);
    EQ_STR(any(NULL, circle),
           "Scalars.s: the type \"lang.Circle\" is not known here: only its bytes could be read");
    EQ_STR(any(&knowing, "{\"type\":\"lang.Circle\"}"),
           "Scalars.s: not a \"type\" and either its \"value\" or \"bytes\"");
    EQ_STR(any(&knowing, "{\"type\":\"lang.Circle\",\"value\":{},\"bytes\":\"\"}"),
           "Scalars.s: not a \"type\" and either its \"value\" or \"bytes\"");
    EQ_STR(any(&knowing, "{\"value\":{}}"), "Scalars.s: an any without a \"type\"");
    EQ_STR(any(&knowing, "{\"type\":\"\",\"bytes\":\"\"}"), "Scalars.s: an any without a \"type\"");
    EQ_STR(any(&knowing, "{\"type\":\"lang.Circle\",\"value\":{\"radius\":\"2\"}}"),
           "Scalars.s.value.radius: not an f64(0..1000)");
    EQ_STR(any(&knowing, "{\"type\":\"lang.Circle\",\"value\":{\"radius\":2000}}"),
           "Scalars.s.value.radius: 2000 is above 1000");
    EQ_STR(any(&knowing, "7"), "Scalars.s: not an any");
}

TEST(bytes_and_value_of_an_any_are_the_same_message)
{
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "%s",
             any(NULL, "{\"type\":\"lang.Circle\",\"bytes\":"
                       "\"IAAAABgAAMAAAIA/AAAAQAECAwEAAAAAAAAAAAAA+D8=\"}"));
    HAS(text, "\"bytes\"");
    EQ_STR(any(&knowing, text),
           "{\"type\":\"lang.Circle\",\"value\":{\"center\":{\"x\":1.0,\"y\":2.0,\"tag\":[1,2,3],"
           "\"on\":[true,false]},\"radius\":1.5}}");
    /* what is no such message stays as it is */
    EQ_STR(any(&knowing, "{\"type\":\"lang.Circle\",\"bytes\":\"AAAA\"}"),
           "{\"type\":\"lang.Circle\",\"bytes\":\"AAAA\"}");
}

/* ---- refs ------------------------------------------------------------------------------------ */

#define NODE(id, more) "{" more "\"id\":" id ",\"name\":\"\",\"next\":"
#define LAST(id, more) "{" more "\"id\":" id ",\"name\":\"\"" END
#define END            ",\"peers\":[],\"by\":{}}"

TEST(what_is_mentioned_once_has_no_id)
{
    SAME(&lang_Node_layout, NODE("1", "") LAST("2", "") END);
}

TEST(what_is_shared_is_written_once)
{
    kmsg_arena *mem = kmsg_arena_new();
    const char *json = "{\"name\":\"\",\"root\":" NODE("1", "\"$id\":1,") "{\"$ref\":1}" END
                       ",\"nodes\":[{\"$ref\":1},null," LAST("2", "\"$id\":2,")
                       ",{\"$ref\":2}],\"shape\":{\"node\":{\"$ref\":2}}}";
    lang_Graph graph;

    SAME(&lang_Graph_layout, json);
    OK(kmsg_json_decode(&lang_Graph_layout, kmsg_str(json), NULL, mem, &graph));
    EQ_PTR(graph.root->next, graph.root);
    EQ_PTR(graph.nodes.items[0], graph.root);
    EQ_PTR(graph.nodes.items[1], NULL);
    EQ_PTR(graph.shape.node, graph.nodes.items[3]);
    EQ_PTR(graph.nodes.items[2], graph.nodes.items[3]);
    EQ_UINT(graph.shape.node->id, 2);
    kmsg_arena_free(mem);
}

TEST(a_ref_may_stand_before_its_id_and_numbers_are_free)
{
    EQ_STR(again(&lang_Graph_layout, "{\"nodes\":[{\"$ref\":2147483647},{\"id\":5,\"$id\":"
                                     "2147483647}]}"),
           "{\"name\":\"\",\"nodes\":[" LAST("5", "\"$id\":1,")
           ",{\"$ref\":1}],\"shape\":{}}");
}

TEST(ids_that_do_not_add_up_are_refused)
{
    const kmsg_layout *graph = &lang_Graph_layout;

    EQ_STR(again(graph, "{\"root\":{\"$ref\":3}}"),
           "Graph: \"$ref\": 3 leads to none: nothing has this \"$id\"");
    EQ_STR(again(graph, "{\"nodes\":[{\"$id\":1},{\"$id\":1}]}"),
           "Graph: \"$id\": 1 is there twice");
    EQ_STR(again(graph, "{\"root\":{\"$ref\":1,\"id\":2}}"), "Graph.root: members beside \"$ref\"");
    EQ_STR(again(graph, "{\"root\":{\"$ref\":0}}"),
           "Graph.root: \"$ref\" is not a number from 1 to 2147483647");
    EQ_STR(again(graph, "{\"root\":{\"$ref\":1.5}}"),
           "Graph.root: \"$ref\" is not a number from 1 to 2147483647");
    EQ_STR(again(graph, "{\"root\":{\"$id\":2147483648}}"),
           "Graph.root: \"$id\" is not a number from 1 to 2147483647");
    EQ_STR(again(graph, "{\"root\":{\"$id\":\"1\"}}"),
           "Graph.root: \"$id\" is not a number from 1 to 2147483647");
    EQ_STR(again(graph, "{\"root\":{\"$id\":1,\"leaf\":{\"$ref\":1}}}"),
           "Graph: \"$ref\": 1 leads to a record of another type, lang.Node");
    EQ_STR(again(graph, "{\"$id\":1,\"root\":{\"$ref\":1}}"),
           "Graph: \"$ref\": 1 leads to none: nothing has this \"$id\"");
    EQ_STR(again(graph, "{\"root\":7}"), "Graph.root: not a ref<lang.Node>");
}

TEST(an_any_has_refs_of_its_own)
{
    SAME(&lang_Lists_layout,
         "{\"a\":[{\"type\":\"lang.Node\",\"value\":" NODE("1", "") NODE("2", "\"$id\":1,")
             "{\"$ref\":1}" END END "},{\"type\":\"lang.Node\",\"value\":" NODE("1", "")
                 NODE("2", "\"$id\":2,") "{\"$ref\":2}" END END
         "}],\"b\":[],\"c\":[],\"d\":[],\"e\":[],\"f\":[],\"g\":[]}");
    HAS(again(&lang_Lists_layout,
              "{\"a\":[{\"type\":\"lang.Node\",\"value\":{\"next\":{\"$id\":1}}},"
              "{\"type\":\"lang.Node\",\"value\":{\"next\":{\"$ref\":1}}}]}"),
        "Lists.a[1].value: \"$ref\": 1 leads to none");
}

/* ---- the text -------------------------------------------------------------------------------- */

TEST(indented_text_is_for_people)
{
    const kmsg_json_options two = {.indent = 2};
    const char             *json = "{\n"
                                   "  \"name\": \"\",\n"
                                   "  \"root\": {\n"
                                   "    \"$id\": 1,\n"
                                   "    \"id\": 1,\n"
                                   "    \"name\": \"\",\n"
                                   "    \"next\": {\n"
                                   "      \"$ref\": 1\n"
                                   "    },\n"
                                   "    \"peers\": [],\n"
                                   "    \"by\": {}\n"
                                   "  },\n"
                                   "  \"nodes\": [],\n"
                                   "  \"shape\": {\n"
                                   "    \"map\": [\n"
                                   "      [\n"
                                   "        1,\n"
                                   "        \"x\"\n"
                                   "      ]\n"
                                   "    ]\n"
                                   "  }\n"
                                   "}";

    EQ_STR(again_with(&two, &lang_Graph_layout, json), json);
}

TEST(what_is_no_json_is_told_with_its_line_and_column)
{
    const kmsg_layout *empty = &every_Empty_layout;

    EQ_STR(again(empty, "{\n  \"a\": 1,\n}"), "3:1: string or '}' expected near '}'");
    EQ_STR(again(empty, ""), "1:0: '[' or '{' expected near end of file");
    EQ_STR(again(empty, "{} {}"), "1:4: end of file expected near '{'");
    EQ_STR(again(empty, "{\"a\":01}"), "1:6: invalid token near '0'");
    EQ_STR(again(empty, "{\"a\":1,\"a\":1}"), "1:10: duplicate object key near '\"a\"'");
    EQ_STR(again(empty, "{\"a\":NaN}"), "1:8: invalid token near 'NaN'");
    EQ_STR(again(empty, "{a:1}"), "1:2: string or '}' expected near 'a'");
    HAS(again(empty, "\xef\xbb\xbf{}"), "1:1: ");
    HAS(again(empty, "{\"a\":1e999}"), "real number overflow");
    EQ_STR(again(empty, "{\"a\":123456789012345678901234567890}"), "{}");
}

TEST(ret_is_untouched_on_failure)
{
    kmsg_arena   *mem = kmsg_arena_new();
    every_Address address = {.zip = 77};

    FAILS(kmsg_json_decode(&every_Address_layout, kmsg_str("{\"zip\":1,\"city\":2}"), NULL, mem,
                           &address),
          KMSG_EDECODE);
    EQ_UINT(address.zip, 77);
    EQ_STR(kmsg_last_error(), "Address.city: not a string");
    kmsg_arena_free(mem);
}

/* ---- limits ---------------------------------------------------------------------------------- */

TEST(a_text_may_be_as_large_as_its_limit)
{
    const char       *json = "{\"street\":\"abc\",\"city\":\"\",\"zip\":5}";
    kmsg_json_options options = {.text_max = strlen(json)};
    every_Address     address;
    kmsg_string       text;
    kmsg_arena       *mem = kmsg_arena_new();

    OK(kmsg_json_decode(&every_Address_layout, kmsg_str(json), &options, mem, &address));
    OK(kmsg_json_encode(&every_Address_layout, &address, &options, mem, &text));
    EQ_STR(text.data, json);
    options.text_max--;
    FAILS(kmsg_json_decode(&every_Address_layout, kmsg_str(json), &options, mem, &address),
          KMSG_ETOOBIG);
    EQ_STR(kmsg_last_error(), "a text of 34 bytes, 33 are allowed");
    FAILS(kmsg_json_encode(&every_Address_layout, &address, &options, mem, &text), KMSG_ETOOBIG);
    EQ_STR(kmsg_last_error(), "every.Address: its text is larger than 33 bytes");
    kmsg_arena_free(mem);
}

TEST(what_a_text_would_take_is_known_before_it_is_parsed)
{
    const kmsg_json_options small = {.memory_max = 4096};
    char                    json[2001];

    memset(json, '[', 1000);
    memset(json + 1000, ']', 1000);
    json[2000] = '\0';
    EQ_STR(again_with(&small, &every_Empty_layout, json),
           "this text takes more than 4096 bytes to read");
    HAS(again_with(&small, &every_V2s_layout, "{\"rows\":[{},{},{},{},{}]}"),
        "{\"rows\":[{\"a\":0");
    EQ_STR(again_with(&small, &every_V2s_layout, "{\"rows\":[{},{},{},{},{},{},{},{},{},{}]}"),
           "V2s.rows: takes more memory than reading may");
}

/* `count` records in one another, each the first of its parent's friends. */
static char *friends(unsigned count)
{
    static char text[TEXT_MAX];
    size_t      at = 0;

    for (unsigned i = 1; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "{\"friends\":[");
    at += (size_t)snprintf(text + at, sizeof text - at, "{}");
    for (unsigned i = 1; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "]}");
    return text;
}

static char *chain(unsigned count)
{
    static char text[TEXT_MAX];
    size_t      at = (size_t)snprintf(text, sizeof text, "{\"root\":");

    for (unsigned i = 1; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "{\"next\":");
    at += (size_t)snprintf(text + at, sizeof text - at, "{}");
    for (unsigned i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "}");
    return text;
}

TEST(records_nest_64_deep)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person person;
    kmsg_string  text;

    OK(kmsg_json_decode(&every_Person_layout, kmsg_str(friends(64)), NULL, mem, &person));
    OK(kmsg_json_encode(&every_Person_layout, &person, NULL, mem, &text));
    FAILS(kmsg_json_decode(&every_Person_layout, kmsg_str(friends(65)), NULL, mem, &person),
          KMSG_EDEPTH);
    HAS(kmsg_last_error(), ".friends[0]: nested more than 64 deep");
    kmsg_arena_free(mem);
}

/* The last one's lists are brackets too. */
TEST(refs_nest_as_deep_as_brackets)
{
    kmsg_arena *mem = kmsg_arena_new();
    lang_Graph  graph, longer;
    lang_Node   node = {.id = 1};
    kmsg_string text;

    OK(kmsg_json_decode(&lang_Graph_layout, kmsg_str(chain(2046)), NULL, mem, &graph));
    OK(kmsg_json_encode(&lang_Graph_layout, &graph, NULL, mem, &text));
    OK(kmsg_json_decode(&lang_Graph_layout, text, NULL, mem, &longer));
    CHECK(lang_Graph_equal(&graph, &longer));
    node.next = graph.root;
    graph.root = &node;
    FAILS(kmsg_json_encode(&lang_Graph_layout, &graph, NULL, mem, &text), KMSG_EDEPTH);
    EQ_STR(kmsg_last_error(), "lang.Graph: nested too deeply for JSON");
    FAILS(kmsg_json_decode(&lang_Graph_layout, kmsg_str(chain(2048)), NULL, mem, &graph),
          KMSG_EDEPTH);
    kmsg_arena_free(mem);
}

/* `count` anys in one another; the innermost holds nothing. */
static kmsg_err read_anys(unsigned count, lang_Lists *ret, kmsg_arena *mem)
{
    static const char begin[] = "{\"a\":[{\"type\":\"lang.Lists\",\"value\":";
    kmsg_string       text = KMSG_STR("{}");

    for (unsigned i = 0; i < count; i++)
        text = kmsg_printf(mem, "%s%s}]}", begin, text.data);
    return kmsg_json_decode(&lang_Lists_layout, text, &knowing, mem, ret);
}

TEST(anys_nest_64_deep)
{
    kmsg_arena *mem = kmsg_arena_new();
    lang_Lists  lists;
    kmsg_string text;
    kmsg_any    outer;

    OK(read_anys(64, &lists, mem));
    OK(kmsg_json_encode(&lang_Lists_layout, &lists, &knowing, mem, &text));
    OK(kmsg_any_pack(&lang_Lists_layout, &lists, mem, &outer));
    lists.a.items = &outer;
    FAILS(kmsg_json_encode(&lang_Lists_layout, &lists, &knowing, mem, &text), KMSG_EDEPTH);
    FAILS(read_anys(65, &lists, mem), KMSG_EDEPTH);
    kmsg_arena_free(mem);
}

TEST(brackets_nest_2048_deep_also_in_what_is_ignored)
{
    char        text[8192];
    every_Empty empty;
    kmsg_arena *mem = kmsg_arena_new();

    for (unsigned deep = 2047; deep <= 2048; deep++) {
        kmsg_err err;
        size_t   n = (size_t)snprintf(text, sizeof text, "{\"x\":");
        memset(text + n, '[', deep);
        memset(text + n + deep, ']', deep);
        text[n + 2 * deep] = '}';
        err = kmsg_json_decode(&every_Empty_layout, (kmsg_string){text, n + 2 * deep + 1}, NULL,
                               mem, &empty);
        EQ_INT(err, deep == 2047 ? KMSG_OK : KMSG_EDEPTH);
    }
    EQ_STR(kmsg_last_error(), "1:2053: brackets nested more than 2048 deep");
    kmsg_arena_free(mem);
}
