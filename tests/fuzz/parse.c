/* parse.c -- the front end and the back ends against any text.
 *
 * Whatever it is, loading ends in a model or in at least one message; a model can be dumped and
 * makes C, a page and a JSON Schema. That the C compiles is the golden tests' business.
 */
#include "compiler/emit.h"
#include "idl/ast.h"
#include "idl/model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_all(const idl_model *model, FILE *nowhere)
{
    out *o = out_new();

    idl_model_dump(model, nowhere);
    emit_header(model, o);
    emit_source(model, o);
    emit_docs(model, o);
    emit_json_schema(model, o);
    out_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE     *nowhere;
    idl_sources      sources;
    const idl_model *model;
    const ast_file  *tree;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    idl_sources_init(&sources, NULL, 0, nowhere);
    model = idl_load_text(&sources, "fuzz.kmsg", (const char *)data, size);
    if ((model == NULL) != (sources.errors > 0))
        abort();
    tree = idl_parse(&sources, 0);
    if (tree != NULL)
        idl_ast_dump(tree, nowhere);
    if (model != NULL)
        make_all(model, nowhere);
    idl_sources_done(&sources);
    return 0;
}
