/* ast.c -- one file into a tree. */
#include "idl/ast.h"

#include "idl/diag.h"
#include "idl/scan.h"

#include <string.h>

/* Byte at which the text stops being UTF-8 without NUL. */
static size_t valid_size(const char *text, size_t size)
{
    size_t low = 0, high = size; /* valid up to low; not up to high */

    if (kmsg_utf8_valid(text, size))
        return size;
    while (high - low > 1) { /* a cut within a character also counts as invalid: search by lines */
        size_t      middle = low + (high - low) / 2;
        const char *nl = memchr(text + middle, '\n', high - middle);
        if (nl == NULL || (size_t)(nl - text) + 1 >= high)
            break;
        middle = (size_t)(nl - text) + 1;
        if (kmsg_utf8_valid(text + low, middle - low))
            low = middle;
        else
            high = middle;
    }
    while (low < size) {
        size_t n = 1;
        while (n <= 4 && low + n <= size && !kmsg_utf8_valid(text + low, n))
            n++;
        if (n > 4 || low + n > size)
            break;
        low += n;
    }
    return low;
}

ast_file *idl_parse(idl_sources *sources, uint32_t file)
{
    const idl_source f = sources->files[file];
    ast_file        *tree = idl_alloc(sources, sizeof *tree);
    idl_scan         scan = {.sources = sources, .file = file, .doc = "", .tree = tree};
    size_t           errors = sources->errors, valid = valid_size(f.text, f.size);

    tree->file = file;
    tree->doc = "";
    if (valid < f.size) {
        idl_span here = {file, (uint32_t)valid, (uint32_t)valid + 1};
        idl_error(sources, here, NULL,
                  f.text[valid] == '\0' ? "a NUL byte: this is no text"
                                        : "not UTF-8: this is no text");
        return NULL;
    }
    idl_scan_text(&scan, f.text, f.size);
    return sources->errors == errors ? tree : NULL;
}
