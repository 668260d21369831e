/* lan_none.c -- until there is lan_io.c. */
#include "base/err.h"
#include "names/lan_io.h"

kmi_lan_io *kmi_lan_io_new(kmsg_node *node, kmi_table *table, const kmsg_directory_options *options,
                           kmsg_err *ret_err)
{
    (void)node;
    (void)table;
    (void)options;
    *ret_err = kmi_error(KMSG_EUNAVAILABLE, "names do not reach the LAN yet");
    return NULL;
}

void kmi_lan_io_free(kmi_lan_io *io)
{
    (void)io;
}

void kmi_lan_io_changed(kmi_lan_io *io, const kmi_entry *entry, bool here)
{
    (void)io;
    (void)entry;
    (void)here;
}

kmsg_err kmi_lan_io_survey(kmi_lan_io *io, kmsg_arena *mem, kmsg_names_Survey *ret)
{
    (void)io;
    (void)mem;
    (void)ret;
    return KMSG_OK;
}
