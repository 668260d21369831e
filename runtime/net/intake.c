/* intake.c -- frames out of slabs that came whole from this very process. */
#include "net/net.h"

void kmi_intake_add(kmi_intake *intake, kmi_slab *slab)
{
    slab->next = NULL;
    if (intake->first == NULL) {
        intake->first = slab;
        intake->at = 0;
    } else {
        intake->last->next = slab;
    }
    intake->last = slab;
}

static void drop_first(kmi_intake *intake)
{
    kmi_slab *slab = intake->first;

    intake->first = slab->next;
    intake->at = 0;
    intake->dropped += slab->size;
    slab->next = NULL;
    kmi_slab_unref(slab);
}

bool kmi_intake_next(kmi_intake *intake, kmi_frame *ret)
{
    while (intake->first != NULL) {
        kmi_slab      *slab = intake->first;
        const uint8_t *at = slab->data + intake->at;
        if (intake->at == slab->size) {
            drop_first(intake);
            continue;
        }
        kmi_frame_get_header(at, ret);
        intake->at += kmi_frame_room(ret->size);
        if (ret->kind == KMI_VOID)
            continue;
        if (!kmi_frame_get_body(at, ret))
            continue; /* never: this library has written it */
        ret->slab = kmi_slab_ref(slab);
        return true;
    }
    return false;
}

void kmi_intake_done(kmi_intake *intake)
{
    while (intake->first != NULL)
        drop_first(intake);
}
