/* refused.c -- one-way messages that came and go no further.
 *
 * Whoever has sent one hears nothing, so the log is told. What comes in datagrams may come from
 * anybody, as much as the line carries: it must not fill a log, so it is counted by reason.
 */
#include "core/core.h"

#include "base/log.h"

static kmsg_refusal reason_of(kmsg_err err)
{
    switch (err) {
    case KMSG_ENOSERVICE:
    case KMSG_ENOMETHOD: return KMSG_REFUSED_UNKNOWN;
    case KMSG_EPERM: return KMSG_REFUSED_ROLE;
    case KMSG_EREQUEST: return KMSG_REFUSED_REQUEST;
    case KMSG_EOVERLOADED: return KMSG_REFUSED_OVERLOADED;
    case KMSG_ENOMEM: return KMSG_REFUSED_NO_MEMORY;
    default: return KMSG_REFUSED_BY_HANDLER;
    }
}

void kmi_conn_refused(kmi_conn *conn, kmsg_err err, const char *text)
{
    conn->counts.dropped += conn->datagram;
    if (!conn->datagram)
        kmi_log(KMSG_WARNING, "%s: a one-way message was dropped: %s%s%s", conn->url,
                kmsg_strerror(err), *text == '\0' ? "" : ": ", text);
    else if (conn->link != NULL) /* else nobody listens any more */
        kmi_datagram_refused(conn->link->facts, conn->url, reason_of(err));
}

void kmsg_listener_info(const kmsg_listener *listener, kmsg_listener_facts *ret)
{
    static const kmsg_listener_facts none = {0};
    const kmsg_listener_facts       *facts = listener->acceptor->facts;

    *ret = facts == NULL ? none : *facts;
}
