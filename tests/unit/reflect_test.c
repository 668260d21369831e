/* reflect_test.c -- descriptors written back as a schema: what is read from that is what they were.
 */
#define _POSIX_C_SOURCE 200809L

#include "tests/same.h"
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

/* Each file is loaded for itself, and each service and record found in one is what it was. */
static size_t compare_files(const kmsg_reflection_File_list *files, const kmsg_schema *was)
{
    size_t found = 0;

    for (size_t f = 0; f < files->count; f++) {
        kmsg_schema *is = load_again(files, f);
        same_pairs  *seen = same_pairs_new(true);
        for (size_t i = 0; i < kmsg_schema_service_count(is); i++) {
            const kmsg_service *service = kmsg_schema_service_at(is, i);
            if (strcmp(service->name, "every.Every") == 0)
                continue;
            same_service(seen, service, kmsg_schema_service(was, service->name));
            found++;
        }
        for (size_t i = 0; i < kmsg_schema_count(is); i++) {
            const kmsg_layout *layout = kmsg_schema_at(is, i);
            same_layout(seen, layout, kmsg_schema_record(was, layout->name));
            found++;
        }
        same_pairs_free(seen);
        kmsg_schema_free(is);
    }
    return found;
}

static void comes_back(const kmsg_schema *schema, const kmsg_service *const *services, size_t count,
                       size_t least)
{
    const kmi_subjects        what = {services, count};
    kmsg_arena               *mem = kmsg_arena_new();
    kmsg_reflection_File_list files;

    OK(kmi_reflect(&what, mem, &files));
    CHECK(compare_files(&files, schema) >= least);
    kmsg_arena_free(mem);
}

static void schema_comes_back(const char *path)
{
    const char *const         folders[] = {"tests/unit", "tests/golden"};
    const kmsg_schema_options options = {folders, 2, stderr};
    kmsg_schema              *schema = NULL;
    subjects                  s;

    test_at("%s", path);
    OK(kmsg_schema_load(path, &options, &schema));
    s = subjects_of(schema);
    s.services[s.count] = &s.every;
    comes_back(schema, s.services, s.count + 1, s.count + kmsg_schema_count(schema));
    subjects_done(&s);
    kmsg_schema_free(schema);
}

static size_t schemas_come_back(const char *pattern)
{
    glob_t found;
    size_t count;

    CHECK(glob(pattern, 0, NULL, &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        schema_comes_back(found.gl_pathv[i]);
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
