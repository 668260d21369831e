/* thread.h -- threads as places for objects. Private to core/. */
#ifndef KMI_CORE_THREAD_H
#define KMI_CORE_THREAD_H

#include "core/object.h"

/* Makes an object on the thread that `how` names, and a note of it with its address. */
KMSG_CHECK kmsg_err kmi_thread_make(kmsg_object *parent, const kmi_maker *maker,
                                    const kmsg_spawn *how, kmi_child **ret);

/* Mail for the node there; takes it, also where nobody is any more. */
void kmi_thread_post(kmi_thread_place *place, kmi_slab *mail);

/* One object less is there. The last one ends the thread, and waits for that. NULL is fine. */
void kmi_thread_leave(kmi_thread_place *place);

#endif
