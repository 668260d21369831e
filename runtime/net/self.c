/* self.c -- the link of a node to itself: what is written is there to be taken. */
#include "base/alloc.h"
#include "net/net.h"

typedef struct self {
    kmi_link   link;
    kmi_intake intake;
} self;

static bool next(kmi_link *link, kmi_frame *ret)
{
    self *s = (self *)link;

    return kmi_intake_next(&s->intake, ret);
}

static void flush(kmi_link *link)
{
    self     *s = (self *)link;
    kmi_slab *slab;

    while ((slab = kmi_out_take(link->out)) != NULL) {
        kmi_slab_returns(&link->net->pool, slab);
        link->bytes_out += slab->size;
        link->bytes_in += slab->size;
        kmi_intake_add(&s->intake, slab);
        kmi_link_ready(link);
    }
}

static void close_self(kmi_link *link)
{
    self *s = (self *)link;

    kmi_intake_done(&s->intake);
}

static void free_self(kmi_link *link)
{
    kmi_free(link);
}

static const kmi_link_ops ops = {next, flush, NULL, close_self, free_self};

kmi_link *kmi_self_new(kmi_net *net, kmi_out *out, void *owner)
{
    self *s = kmi_alloc_zeroed(sizeof *s);

    if (s == NULL)
        return NULL;
    kmi_link_init(&s->link, &ops, net);
    s->link.identity.kind = KMSG_IDENTITY_PROCESS;
    s->link.out = out;
    s->link.owner = owner;
    s->link.up = true;
    s->link.local = true;
    s->link.their = net->session.own;
    s->link.their.message_max = KMSG_MESSAGE_MAX;
    return &s->link;
}
