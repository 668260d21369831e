/* outline.c -- making outlines: the form of a service as bytes, and their hash. See outline.h; what
 * the form is made of is in outline_form.c, and how two are compared in outline_check.c.
 */
#include "core/outline.h"

static void drop_names(kmsg_outline_Form *form)
{
    kmsg_outline_Record *records = (kmsg_outline_Record *)(uintptr_t)form->records.items;
    kmsg_outline_Type   *types = (kmsg_outline_Type *)(uintptr_t)form->types.items;

    for (size_t i = 0; i < form->records.count; i++) {
        kmsg_outline_Field *fields = (kmsg_outline_Field *)(uintptr_t)records[i].fields.items;
        records[i].name = kmsg_str("");
        for (size_t j = 0; j < records[i].fields.count; j++)
            fields[j].name = kmsg_str("");
    }
    for (size_t i = 0; i < form->types.count; i++)
        types[i].name = kmsg_str("");
    form->is_named = false;
}

/* FNV-1a: it has to be the same everywhere, and who forges his own print is not helped by it. */
uint64_t kmi_outline_hash(kmsg_bytes bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data[i]) * 0x100000001b3u;
    return hash;
}

static kmsg_err outline_of(const kmsg_service *service, kmsg_outline_Form *form, kmsg_arena *mem,
                           kmsg_names_Outline *ret)
{
    kmsg_names_Outline outline = {.service = kmsg_str(service->name)};
    kmsg_err           err = kmsg_outline_Form_encode(form, mem, &outline.methods);

    if (err != KMSG_OK)
        return err;
    outline.print = kmi_outline_hash(outline.methods);
    if (outline.methods.size > KMI_OUTLINE_MAX) {
        drop_names(form);
        err = kmsg_outline_Form_encode(form, mem, &outline.methods);
    }
    if (err != KMSG_OK)
        return err;
    if (outline.methods.size > KMI_OUTLINE_MAX)
        outline.methods.size = 0;
    *ret = outline;
    return KMSG_OK;
}

kmsg_err kmi_outline(const kmsg_service *service, kmsg_arena *mem, kmsg_names_Outline *ret)
{
    kmsg_outline_Form form;
    kmsg_err          err = kmi_outline_form(service, mem, &form);

    return err == KMSG_OK ? outline_of(service, &form, mem, ret) : err;
}
