/* strangers.c -- what is not believed of a message to an object, as it comes from another process.
 *
 * What kmsg itself says to objects is said inside of a process; and who may stop an object is
 * known. Who sends is the other side itself, or one for whom it hands the message on: then it has
 * added itself to the way back, unless it was its own once. A node may forward to itself what
 * others have sent.
 */
#include "core/object.h"

const char *kmi_call_why_not(const kmsg_call *call)
{
    const kmsg_layout *const inside[] = {&kmsg_Start_layout, &kmsg_Returned_layout,
                                         &kmsg_Last_layout, &kmsg_Timer_layout};

    if (call->target == kmsg_Stop_layout.id)
        return kmsg_identity_has_role(&call->who->identity, KMSG_ROLE_STOP)
                   ? NULL
                   : "objects are stopped by this user, by root, and by keys with the role kmsg";
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (call->target == inside[i]->id)
            return "nobody but its own process says this to an object";
    return NULL;
}

bool kmi_is_from_there(const kmi_conn *conn, const kmi_letter *letter)
{
    const kmi_place *from = &letter->from;

    if (letter->outside && !kmi_conn_is_inside(conn))
        return false; /* only nodes of one process say this to each other */
    if (from->instance == conn->instance || (conn->link != NULL && conn->link->local))
        return true;
    return from->hop_count > 0 ? from->hops[0] == conn->instance : from->instance == 0;
}
