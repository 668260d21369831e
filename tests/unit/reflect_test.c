/* reflect_test.c -- descriptors written back as a schema: what is read from that is what they were.
 */
#define _POSIX_C_SOURCE 200809L

#include "tests/same.h"
#include "tests/schemas.h"
#include "tests/test.h"

#include "core/reflect.h"

#include <kmsg/schema.h>

#include <glob.h>
#include <stdlib.h>

static const kmsg_layout no_args = {.name = "every.Every.ask.args"};

/* A service that answers with each record of the schema, beside those that it has. */
typedef struct subjects {
    const kmsg_service **services;
    size_t               count;
    kmsg_service         every;
    kmsg_method         *methods;
    char (*names)[32];
} subjects;

static subjects subjects_of(const kmsg_schema *schema)
{
    size_t   records = kmsg_schema_count(schema);
    subjects s = {.count = kmsg_schema_service_count(schema)};

    s.methods = calloc(records + 1, sizeof *s.methods);
    s.names = calloc(records + 1, sizeof *s.names);
    s.services = calloc(s.count + 1, sizeof *s.services);
    CHECK(s.methods != NULL && s.names != NULL && s.services != NULL);
    for (size_t i = 0; i < s.count; i++)
        s.services[i] = kmsg_schema_service_at(schema, i);
    for (size_t i = 0; i < records; i++) {
        snprintf(s.names[i], sizeof *s.names, "m%zu", i);
        s.methods[i] = (kmsg_method){.name = s.names[i],
                                     .number = (uint32_t)i,
                                     .args = &no_args,
                                     .result = kmsg_schema_at(schema, i)};
    }
    s.every =
        (kmsg_service){.name = "every.Every", .methods = s.methods, .count = (uint32_t)records};
    return s;
}

static void subjects_done(subjects *s)
{
    free(s->methods);
    free(s->names);
    free(s->services);
}

/* The schema that the files are, with the one called `name` first. */
static kmsg_schema *load_again(const kmsg_reflection_File_list *files, size_t first)
{
    const kmsg_schema_options options = {.diagnostics = stderr};
    kmsg_schema_file         *all = calloc(files->count, sizeof *all);
    kmsg_schema              *schema = NULL;

    CHECK(all != NULL);
    for (size_t i = 0; i < files->count; i++)
        all[i] = (kmsg_schema_file){files->items[i].name.data, files->items[i].text};
    all[0] = (kmsg_schema_file){files->items[first].name.data, files->items[first].text};
    all[first] =
        first == 0 ? all[0] : (kmsg_schema_file){files->items[0].name.data, files->items[0].text};
    OK(kmsg_schema_load_files(all, files->count, &options, &schema));
    free(all);
    return schema;
}

/* Each file is loaded for itself, and each service and record that is found there is what it was.
 * Returns how many were found in some file. */
static size_t compare_files(const kmsg_reflection_File_list *files, const kmsg_schema *was)
{
    const size_t services = kmsg_schema_service_count(was), records = kmsg_schema_count(was);
    const size_t topics = kmsg_schema_topic_count(was);
    const size_t all = services + records + topics;
    bool        *found = calloc(all + 1, sizeof *found);
    size_t       count = 0;

    CHECK(found != NULL);
    for (size_t f = 0; f < files->count; f++) {
        kmsg_schema *is = load_again(files, f);
        same_pairs  *seen = same_pairs_new(true);
        for (size_t i = 0; i < services; i++) {
            const kmsg_service *service = kmsg_schema_service_at(was, i);
            const kmsg_service *there = kmsg_schema_service(is, service->name);
            if (there != NULL)
                same_service(seen, there, service);
            found[i] = found[i] || there != NULL;
        }
        for (size_t i = 0; i < records; i++) {
            const kmsg_layout *layout = kmsg_schema_at(was, i);
            const kmsg_layout *there = kmsg_schema_record(is, layout->name);
            if (there != NULL)
                same_layout(seen, there, layout);
            found[services + i] = found[services + i] || there != NULL;
        }
        for (size_t i = 0; i < topics; i++) {
            const kmsg_topic *topic = kmsg_schema_topic_at(was, i);
            const kmsg_topic *there = kmsg_schema_topic(is, topic->name);
            if (there != NULL)
                same_topic(seen, there, topic);
            found[services + records + i] = found[services + records + i] || there != NULL;
        }
        same_pairs_free(seen);
        kmsg_schema_free(is);
    }
    for (size_t i = 0; i < all; i++)
        count += found[i];
    free(found);
    return count;
}

static void comes_back(const kmsg_schema *schema, const kmsg_service *const *services, size_t count,
                       size_t all)
{
    const size_t              topic_count = kmsg_schema_topic_count(schema);
    const kmsg_topic        **topics = calloc(topic_count + 1, sizeof *topics);
    const kmi_subjects        what = {services, count, topics, topic_count};
    kmsg_arena               *mem = kmsg_arena_new();
    kmsg_reflection_File_list files;

    CHECK(topics != NULL);
    for (size_t i = 0; i < topic_count; i++)
        topics[i] = kmsg_schema_topic_at(schema, i);
    OK(kmi_reflect(&what, mem, &files));
    EQ_UINT(compare_files(&files, schema), all + topic_count);
    kmsg_arena_free(mem);
    free(topics);
}

/* All services and records of the schema. */
static void schema_comes_back(const kmsg_schema *schema)
{
    subjects s = subjects_of(schema);
    size_t   all = s.count + kmsg_schema_count(schema);

    s.services[s.count] = &s.every;
    comes_back(schema, s.services, s.count + 1, all);
    subjects_done(&s);
}

static void file_comes_back(const char *path)
{
    const char *const         folders[] = {"tests/unit", "tests/golden"};
    const kmsg_schema_options options = {folders, 2, stderr};
    kmsg_schema              *schema = NULL;

    test_at("%s", path);
    OK(kmsg_schema_load(path, &options, &schema));
    schema_comes_back(schema);
    kmsg_schema_free(schema);
}

static size_t schemas_come_back(const char *pattern)
{
    glob_t found;
    size_t count;

    CHECK(glob(pattern, 0, NULL, &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        file_comes_back(found.gl_pathv[i]);
    count = found.gl_pathc;
    globfree(&found);
    return count;
}

TEST(golden_schemas_come_back)
{
    CHECK(schemas_come_back("tests/golden/*.kmsg") >= 7);
}

TEST(schemas_of_tests_come_back)
{
    CHECK(schemas_come_back("tests/unit/*.kmsg") >= 16);
}

TEST(schemas_of_examples_come_back)
{
    CHECK(schemas_come_back("examples/*/*.kmsg") >= 14);
}

TEST(schemas_of_kmsg_come_back)
{
    CHECK(schemas_come_back("idl/schemas/*.kmsg") >= 5);
}

/* ---- modules --------------------------------------------------------------------------------- */

static bool has_file(const kmsg_reflection_File_list *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name.data, name) == 0)
            return true;
    return false;
}

static kmsg_schema *load_files(const kmsg_schema_file *files, size_t count)
{
    const kmsg_schema_options options = {.diagnostics = stderr};
    kmsg_schema              *schema = NULL;

    OK(kmsg_schema_load_files(files, count, &options, &schema));
    return schema;
}

TEST(a_module_is_a_file)
{
    const kmsg_schema_file in[] = {
        {"x.kmsg",
         KMSG_STR("module a; import \"y.kmsg\"; record X { y: b.c.Y } service S { s(x: X) }")},
        {"y.kmsg", KMSG_STR("module b.c; record Y { z: u8 = 3 }")}};
    kmsg_schema              *schema = load_files(in, 2);
    const kmsg_service       *service = kmsg_schema_service(schema, "a.S");
    kmsg_arena               *mem = kmsg_arena_new();
    kmsg_reflection_File_list files;

    OK(kmi_reflect(&(kmi_subjects){.services = &service, .service_count = 1}, mem, &files));
    EQ_UINT(files.count, 2);
    EQ_STR(files.items[0].name.data, "a.kmsg");
    EQ_STR(files.items[0].text.data, "module a;\nimport \"b.c.kmsg\";\n\n"
                                     "service S {\n    s(x: X);\n}\n\n"
                                     "record X {\n    1 y: b.c.Y;\n}\n");
    EQ_STR(files.items[1].name.data, "b.c.kmsg");
    EQ_STR(files.items[1].text.data, "module b.c;\n\nrecord Y {\n    1 z: u8 = 3;\n}\n");
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

TEST(modules_that_lead_to_one_another_are_taken_apart)
{
    const kmsg_schema_file in[] = {
        {"top.kmsg", KMSG_STR("module a; import \"middle.kmsg\";"
                              "record Top { m: b.Middle; t: list<Top> }"
                              "service S { s(t: Top) }")},
        {"middle.kmsg",
         KMSG_STR("module b; import \"low.kmsg\"; record Middle { l: a.Low; m: Middle? }")},
        {"low.kmsg", KMSG_STR("module a; record Low { x: u8 }")}};
    kmsg_schema              *schema = load_files(in, 3);
    const kmsg_service       *service = kmsg_schema_service(schema, "a.S");
    kmsg_arena               *mem = kmsg_arena_new();
    kmsg_reflection_File_list files;

    OK(kmi_reflect(&(kmi_subjects){.services = &service, .service_count = 1}, mem, &files));
    EQ_UINT(files.count, 3);
    CHECK(has_file(&files, "a-0.kmsg") && has_file(&files, "b.kmsg") &&
          has_file(&files, "a-2.kmsg"));
    schema_comes_back(schema);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* ---- random ones ----------------------------------------------------------------------------- */

TEST(random_schemas_come_back)
{
    for (unsigned seed = 1; seed <= test_rounds(100); seed++) {
        char  *text = NULL;
        size_t size;
        FILE  *out = open_memstream(&text, &size);

        test_at("seed %u", seed);
        CHECK(out != NULL);
        schemas_seed(seed);
        schemas_write("made", out);
        fclose(out);
        {
            const kmsg_schema_file file = {"made.kmsg", {text, size}};
            kmsg_schema           *schema = load_files(&file, 1);
            schema_comes_back(schema);
            kmsg_schema_free(schema);
        }
        free(text);
    }
}
