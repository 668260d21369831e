/* reflect.c -- descriptors as files of a schema. See reflect.h.
 *
 * Files may not import one another in a circle, and no declaration of the schema's own files does
 * so across modules. So each declaration has a rank: above those of other modules that it leads to,
 * and not below those of its own. A module and a rank are a file. First all declarations of a
 * module are given one rank, which is the usual file a module; where that has no end, modules lead
 * to one another in a circle, and are taken apart.
 */
#include "core/reflect.h"

#include "base/err.h"

#include <string.h>

static bool same_module(const kmi_decl *a, const kmi_decl *b)
{
    return a->module_size == b->module_size && memcmp(a->name, b->name, a->module_size) == 0;
}

/* ---- ranks ----------------------------------------------------------------------------------- */

typedef struct ranking {
    kmi_decls *decls;
    kmi_decl  *of; /* the one that is being looked at */
    bool       changed;
} ranking;

static void raise(void *ctx, const kmi_decl *to)
{
    ranking        *r = ctx;
    const kmi_decl *known = kmi_decls_find(r->decls, to->name);
    uint32_t        least = known->rank + (same_module(known, r->of) ? 0 : 1);

    if (r->of->rank < least) {
        r->of->rank = least;
        r->changed = true;
    }
}

/* All of a module get the highest rank in it. Returns the highest of all. */
static uint32_t level(ranking *r)
{
    kmi_decl *items = r->decls->items;
    uint32_t  highest = 0;

    for (size_t i = 0; i < r->decls->count; i++)
        for (size_t k = 0; k < r->decls->count; k++)
            if (items[i].rank < items[k].rank && same_module(&items[i], &items[k])) {
                items[i].rank = items[k].rank;
                r->changed = true;
            }
    for (size_t i = 0; i < r->decls->count; i++)
        highest = items[i].rank > highest ? items[i].rank : highest;
    return highest;
}

static bool is_first_of_module(const kmi_decls *decls, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_module(&decls->items[k], &decls->items[i]))
            return false;
    return true;
}

/* False: it has no end. */
static bool rank_all(kmi_decls *decls, bool whole_modules)
{
    ranking r = {.decls = decls, .changed = true};
    size_t  modules = 0;

    for (size_t i = 0; i < decls->count; i++) {
        decls->items[i].rank = 0;
        modules += is_first_of_module(decls, i);
    }
    while (r.changed) {
        r.changed = false;
        for (size_t i = 0; i < decls->count; i++) {
            r.of = &decls->items[i];
            kmi_decl_each(r.of, &r, raise);
        }
        if (whole_modules && level(&r) >= modules)
            return false;
    }
    return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool same_file(const kmi_decl *a, const kmi_decl *b)
{
    return a->rank == b->rank && same_module(a, b);
}

/* Is it the first one of its file? */
static bool begins_file(const kmi_decls *decls, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_file(&decls->items[k], &decls->items[i]))
            return false;
    return true;
}

static bool is_whole(const kmi_decls *decls, const kmi_decl *decl)
{
    for (size_t i = 0; i < decls->count; i++)
        if (same_module(&decls->items[i], decl) && decls->items[i].rank != decl->rank)
            return false;
    return true;
}

/* No module has a '-' in its name. */
static void put_file_name(kmi_text *text, const kmi_decls *decls, const kmi_decl *decl)
{
    kmi_text_put(text, "%.*s", decl->module_size == 0 ? 9 : (int)decl->module_size,
                 decl->module_size == 0 ? "no-module" : decl->name);
    if (!is_whole(decls, decl))
        kmi_text_put(text, "-%u", (unsigned)decl->rank);
    kmi_text_put(text, ".kmsg");
}

typedef struct importing {
    const kmi_decls *decls;
    const kmi_decl  *from; /* of the file */
    kmi_text        *text;
    bool            *done; /* of each declaration: its file has been imported */
} importing;

static void import(void *ctx, const kmi_decl *to)
{
    importing      *im = ctx;
    const kmi_decl *known = kmi_decls_find(im->decls, to->name);

    if (same_file(known, im->from) || im->done[known - im->decls->items])
        return;
    for (size_t i = 0; i < im->decls->count; i++)
        im->done[i] = im->done[i] || same_file(&im->decls->items[i], known);
    kmi_text_put(im->text, "import \"");
    put_file_name(im->text, im->decls, known);
    kmi_text_put(im->text, "\";\n");
}

static void put_file(kmi_text *text, const kmi_decls *decls, const kmi_decl *first)
{
    importing im = {.decls = decls, .from = first, .text = text};

    im.done = kmsg_alloc_array(text->mem, bool, decls->count);
    if (im.done == NULL) {
        text->failed = true;
        return;
    }
    if (first->module_size > 0)
        kmi_text_put(text, "module %.*s;\n", (int)first->module_size, first->name);
    for (size_t i = 0; i < decls->count; i++)
        if (same_file(&decls->items[i], first))
            kmi_decl_each(&decls->items[i], &im, import);
    for (size_t i = 0; i < decls->count; i++)
        if (same_file(&decls->items[i], first)) {
            kmi_text_put(text, "\n");
            kmi_text_decl(text, &decls->items[i]);
        }
}

static bool make_file(const kmi_decls *decls, const kmi_decl *first, kmsg_reflection_File *ret)
{
    kmi_text name = {.mem = decls->mem}, text = {.mem = decls->mem};

    if (is_whole(decls, first)) {
        text.module = first->name;
        text.module_size = first->module_size;
    }
    put_file_name(&name, decls, first);
    put_file(&text, decls, first);
    ret->name = (kmsg_string){name.data, name.size};
    ret->text = (kmsg_string){text.data, text.size};
    return !name.failed && !text.failed;
}

kmsg_err kmi_reflect(const kmi_subjects *subjects, kmsg_arena *mem, kmsg_reflection_File_list *ret)
{
    kmi_decls             decls = {.mem = mem};
    kmsg_reflection_File *files;
    size_t                count = 0;
    bool                  good;

    kmi_decls_collect(&decls, subjects);
    files = kmsg_alloc_array(mem, kmsg_reflection_File, decls.count);
    if (decls.failed || files == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    good = rank_all(&decls, true) || rank_all(&decls, false);
    for (size_t i = 0; i < decls.count && good; i++)
        if (begins_file(&decls, i))
            good = make_file(&decls, &decls.items[i], &files[count++]);
    if (!good)
        return kmi_error_plain(KMSG_ENOMEM);
    ret->items = files;
    ret->count = count;
    return KMSG_OK;
}
