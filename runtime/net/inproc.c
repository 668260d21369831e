/* inproc.c -- links between the nodes of one process: memory that is handed over.
 *
 * A pipe has two ends, one a node. Flushing posts the output, one slab, to the other node's
 * mailbox; that node takes the frames where they lie, and when the last one is done with, puts the
 * slab back to where its sender finds it again: so a few slabs go round and nobody calls malloc.
 *
 * How a pipe is made and ended, every step a piece of mail that was allocated with the pipe, so
 * that ending cannot fail:
 *
 *   dialler   CONNECT -> the node that listens under this name
 *   listener  UP -> the dialler, or DOWN
 *   either    DATA, as long as less than WINDOW bytes are on their way
 *   either    DOWN, when it closes
 *
 * A pipe is counted: by its two links and by each piece of mail. An end's `link` and `down` belong
 * to the thread of that end; what both threads touch is atomic.
 */
#include "net/net.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/forked.h"

#include <stdatomic.h>
#include <string.h>

#define WINDOW    ((size_t)4 << 20)
#define SPARE_MAX ((size_t)512 << 10)

typedef enum mail_kind { CONNECT, UP, DOWN, DATA } mail_kind;

typedef struct inproc inproc;

typedef struct pipe_end {
    kmi_mailbox        *mailbox; /* of the node at this end */
    inproc             *link;    /* of this end's thread; NULL: none yet, or closed */
    kmi_terms           terms;   /* of that node; set before the other side hears of it */
    kmi_slab           *down;    /* this end's last words, NULL when they are said */
    _Atomic(kmi_slab *) home;    /* slabs that this end has sent and that are done with */
    kmi_slab           *spare;   /* those that it has fetched from there */
    size_t              spares;  /* bytes that these hold */
    atomic_size_t       flying;  /* bytes that this end has sent and the other not yet taken */
    atomic_bool         stuck;   /* this end waits for `flying` to become less */
} pipe_end;

typedef struct pipe {
    atomic_uint refs;
    uint64_t    listener;
    kmi_slab   *up;
    pipe_end    ends[2]; /* 0 has dialled */
} pipe;

struct inproc {
    kmi_link   link;
    pipe      *pipe;
    unsigned   side;
    bool       ended; /* the other side has closed it; what it said before is still to be taken */
    kmi_intake intake;
};

typedef struct name {
    kmi_acceptor acceptor;
    kmi_mailbox *mailbox;
    struct name *next;
    unsigned     forks; /* those of a parent process lead nowhere */
    char         text[KMI_NAME_MAX];
} name;

/* ---- names --------------------------------------------------------------------------------- */

static name    *names; /* KMI_LOCK_NAMES guards it and the next one */
static uint64_t last_id;

static name *find(const char *text)
{
    for (name *n = names; n != NULL; n = n->next)
        if (n->forks == kmi_forks && strcmp(n->text, text) == 0)
            return n;
    return NULL;
}

static void hide_name(kmi_acceptor *acceptor)
{
    name  *n = (name *)acceptor;
    name **at = &names;

    kmi_lock_take(KMI_LOCK_NAMES);
    while (*at != NULL && *at != n)
        at = &(*at)->next;
    if (*at != NULL)
        *at = n->next;
    kmi_lock_give(KMI_LOCK_NAMES);
}

static void forget_name(kmi_acceptor *acceptor)
{
    name *n = (name *)acceptor;

    hide_name(acceptor);
    kmi_mailbox_unref(n->mailbox);
    kmi_free(n);
}

static void resume(kmi_acceptor *acceptor)
{
    (void)acceptor; /* never paused: nobody here is half open */
}

kmsg_err kmi_inproc_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    name *n = kmi_alloc_zeroed(sizeof *n);
    bool  taken;

    if (n == NULL)
        return KMSG_ENOMEM;
    memcpy(n->text, at->name, sizeof n->text);
    kmi_lock_take(KMI_LOCK_NAMES);
    taken = find(n->text) != NULL;
    if (!taken) {
        n->acceptor.id = ++last_id;
        n->forks = kmi_forks;
        n->mailbox = kmi_mailbox_ref(net->mailbox);
        n->next = names;
        names = n;
    }
    kmi_lock_give(KMI_LOCK_NAMES);
    if (taken) {
        kmi_free(n);
        return kmi_error(KMSG_EINUSE, "inproc:%s: somebody listens there", at->name);
    }
    n->acceptor.close = forget_name;
    n->acceptor.resume = resume;
    n->acceptor.stop = hide_name;
    snprintf(n->acceptor.url, sizeof n->acceptor.url, "inproc:%s", at->name);
    kmi_acceptor_add(&n->acceptor, net);
    *ret = &n->acceptor;
    return KMSG_OK;
}

/* A reference to the mailbox of who listens there. */
static kmi_mailbox *look_up(const char *text, uint64_t *ret_id)
{
    kmi_mailbox *mailbox = NULL;
    name        *n;

    kmi_lock_take(KMI_LOCK_NAMES);
    n = find(text);
    if (n != NULL) {
        mailbox = kmi_mailbox_ref(n->mailbox);
        *ret_id = n->acceptor.id;
    }
    kmi_lock_give(KMI_LOCK_NAMES);
    return mailbox;
}

bool kmi_net_is_here(const char *url)
{
    kmi_address address;
    bool        found;

    if (kmi_address_parse(url, &address) != KMSG_OK || address.scheme != KMI_SCHEME_INPROC)
        return false;
    kmi_lock_take(KMI_LOCK_NAMES);
    found = find(address.name) != NULL;
    kmi_lock_give(KMI_LOCK_NAMES);
    return found;
}

/* ---- pipes --------------------------------------------------------------------------------- */

static void free_all(kmi_slab *slab)
{
    while (slab != NULL) {
        kmi_slab *next = slab->next;
        kmi_slab_unref(slab);
        slab = next;
    }
}

static void pipe_unref(pipe *p)
{
    if (atomic_fetch_sub(&p->refs, 1) > 1)
        return;
    for (int i = 0; i < 2; i++) {
        kmi_mailbox_unref(p->ends[i].mailbox);
        kmi_slab_unref(p->ends[i].down);
        free_all(atomic_load(&p->ends[i].home));
        free_all(p->ends[i].spare);
    }
    kmi_slab_unref(p->up);
    kmi_free(p);
}

static pipe *pipe_new(void)
{
    pipe *p = kmi_alloc_zeroed(sizeof *p);

    if (p == NULL)
        return NULL;
    atomic_init(&p->refs, 1);
    p->up = kmi_slab_new(0);
    for (int i = 0; i < 2; i++) {
        p->ends[i].down = kmi_slab_new(0);
        atomic_init(&p->ends[i].home, NULL);
        atomic_init(&p->ends[i].flying, 0);
        atomic_init(&p->ends[i].stuck, false);
    }
    if (p->up != NULL && p->ends[0].down != NULL && p->ends[1].down != NULL)
        return p;
    pipe_unref(p);
    return NULL;
}

/* To the other end; the mail carries a reference to the pipe. */
static kmsg_err post(pipe *p, unsigned to, mail_kind kind, kmi_slab *mail)
{
    kmsg_err err;

    mail->owner = p;
    mail->kind = (uint32_t)kind << 1 | to;
    atomic_fetch_add(&p->refs, 1);
    err = kmi_mailbox_post(p->ends[to].mailbox, mail);
    if (err != KMSG_OK)
        atomic_fetch_sub(&p->refs, 1); /* the caller has one: this is not the last */
    return err;
}

/* A control mail that has arrived or cannot be posted is done with. */
static void post_control(pipe *p, unsigned to, mail_kind kind, kmi_slab **mail)
{
    kmi_slab *m = *mail;

    *mail = NULL;
    if (m != NULL && post(p, to, kind, m) != KMSG_OK)
        kmi_slab_unref(m);
}

/* ---- data ---------------------------------------------------------------------------------- */

/* The receiver has done with a slab: back to where its sender finds it. */
static void send_home(kmi_slab *slab)
{
    pipe     *p = slab->owner;
    pipe_end *sender = &p->ends[!(slab->kind & 1)];

    slab->release = NULL;
    slab->refs = 1;
    slab->next = atomic_load_explicit(&sender->home, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&sender->home, &slab->next, slab,
                                                  memory_order_release, memory_order_relaxed))
        continue;
    pipe_unref(p);
}

/* Small ones are not worth it where large ones are needed. */
static void keep(pipe_end *end, size_t like, kmi_slab *slab)
{
    if (slab->capacity < like || end->spares + slab->capacity > SPARE_MAX) {
        kmi_slab_unref(slab);
        return;
    }
    slab->next = end->spare;
    end->spare = slab;
    end->spares += slab->capacity;
}

/* One that has been sent before, as large as one that was needed just now, or NULL. The last that
 * came home is the first to go: what it holds is in the cache still. */
static kmi_slab *spare_of(pipe_end *end, size_t like)
{
    kmi_slab *slab = atomic_exchange_explicit(&end->home, NULL, memory_order_acquire), *next;

    for (; slab != NULL; slab = next) {
        next = slab->next;
        keep(end, like, slab);
    }
    slab = end->spare;
    if (slab == NULL)
        return NULL;
    end->spare = slab->next;
    end->spares -= slab->capacity;
    slab->next = NULL;
    slab->size = 0;
    return slab;
}

static void arrived(inproc *i)
{
    pipe_end *from = &i->pipe->ends[!i->side];

    atomic_fetch_sub(&from->flying, i->intake.dropped);
    i->intake.dropped = 0;
    if (atomic_exchange(&from->stuck, false))
        kmi_mailbox_wake(from->mailbox);
}

static bool next(kmi_link *link, kmi_frame *ret)
{
    inproc *i = (inproc *)link;
    bool    given;

    if (link->dead)
        return false;
    given = kmi_intake_next(&i->intake, ret);
    if (i->intake.dropped > 0)
        arrived(i);
    if (given && ret->kind == KMI_BYE) {
        kmi_slab_unref(ret->slab);
        kmi_link_lose(link, KMSG_ECLOSED, "closed by the other side");
        given = false;
    } else if (!given && i->ended) {
        kmi_link_lose(link, KMSG_ELOST, "the other node closed it");
    }
    return given;
}

/* The other side is gone: at once, or when what it said has been taken. */
static void end(inproc *i, const char *why)
{
    if (i->link.ready)
        i->ended = true;
    else
        kmi_link_lose(&i->link, KMSG_ELOST, why);
}

static bool window_is_full(pipe_end *end)
{
    if (atomic_load(&end->flying) < WINDOW)
        return false;
    atomic_store(&end->stuck, true); /* then look again: it may have become less just before */
    return atomic_load(&end->flying) >= WINDOW;
}

/* False: the link ends. */
static bool hand_over(inproc *i, kmi_slab *slab)
{
    kmi_link *link = &i->link;
    size_t    size = slab->size;

    slab->release = send_home;
    link->bytes_out += size;
    atomic_fetch_add(&i->pipe->ends[i->side].flying, size);
    if (post(i->pipe, !i->side, DATA, slab) == KMSG_OK)
        return true;
    slab->release = NULL;
    kmi_out_put_back(link->out, slab);
    link->bytes_out -= size;
    end(i, "the other node is gone");
    return false;
}

static void flush(kmi_link *link)
{
    inproc   *i = (inproc *)link;
    pipe_end *own = &i->pipe->ends[i->side];
    kmi_slab *slab;
    size_t    like = 0;

    link->retry = false;
    if (!link->up || i->ended || kmi_out_waiting(link->out) == 0)
        return;
    link->retry = window_is_full(own);
    while (!link->retry && (slab = kmi_out_take(link->out)) != NULL) {
        like = slab->capacity;
        if (!hand_over(i, slab))
            return;
        link->retry = window_is_full(own) && kmi_out_waiting(link->out) > 0;
    }
    if (link->out->first == NULL && (slab = spare_of(own, like)) != NULL)
        kmi_out_lend(link->out, slab);
}

/* The node's mail is looked at in any case. */
static bool look(kmi_link *link)
{
    (void)link;
    return false;
}

/* ---- links --------------------------------------------------------------------------------- */

static void close_inproc(kmi_link *link)
{
    inproc *i = (inproc *)link;
    pipe   *p = i->pipe;

    kmi_intake_done(&i->intake);
    if (p == NULL)
        return;
    i->pipe = NULL;
    p->ends[i->side].link = NULL;
    if (p->ends[!i->side].mailbox != NULL)
        post_control(p, !i->side, DOWN, &p->ends[i->side].down);
    pipe_unref(p);
}

static void free_inproc(kmi_link *link)
{
    kmi_free(link);
}

static const kmi_link_ops ops = {next, flush, look, close_inproc, free_inproc};

/* Takes over the caller's reference to the pipe on success. */
static inproc *new_link(kmi_net *net, pipe *p, unsigned side)
{
    inproc *i = kmi_alloc_zeroed(sizeof *i);

    if (i == NULL)
        return NULL;
    kmi_link_init(&i->link, &ops, net);
    i->link.identity.kind = KMSG_IDENTITY_PROCESS;
    i->pipe = p;
    i->side = side;
    p->ends[side].link = i;
    p->ends[side].terms = net->session.own;
    return i;
}

kmsg_err kmi_inproc_dial(kmi_net *net, const kmi_address *to, kmi_link **ret)
{
    uint64_t     id;
    kmi_mailbox *mailbox = look_up(to->name, &id);
    pipe        *p;
    inproc      *i;
    kmi_slab    *connect;

    if (mailbox == NULL)
        return kmi_error(KMSG_EREFUSED, "nobody listens there");
    p = pipe_new();
    connect = kmi_slab_new(0);
    if (p == NULL || connect == NULL) {
        kmi_mailbox_unref(mailbox);
        kmi_slab_unref(connect);
        if (p != NULL)
            pipe_unref(p);
        return KMSG_ENOMEM;
    }
    p->listener = id;
    p->ends[0].mailbox = kmi_mailbox_ref(net->mailbox);
    p->ends[1].mailbox = mailbox;
    i = new_link(net, p, 0);
    if (i == NULL) {
        kmi_slab_unref(connect);
        pipe_unref(p);
        return KMSG_ENOMEM;
    }
    i->link.local = mailbox == net->mailbox;
    if (post(p, 1, CONNECT, connect) != KMSG_OK) {
        kmi_slab_unref(connect);
        kmi_link_close(&i->link);
        return kmi_error(KMSG_EREFUSED, "the node that listened there is gone");
    }
    *ret = &i->link;
    return KMSG_OK;
}

static void come_up(inproc *i)
{
    i->link.up = true;
    i->link.their = i->pipe->ends[!i->side].terms;
}

static void on_connect(kmi_net *net, pipe *p)
{
    kmi_acceptor *a = net->acceptors;
    inproc       *i = NULL;

    while (a != NULL && a->id != p->listener)
        a = a->next;
    if (a != NULL) {
        atomic_fetch_add(&p->refs, 1);
        i = new_link(net, p, 1);
        if (i == NULL)
            atomic_fetch_sub(&p->refs, 1);
    }
    if (i == NULL) {
        post_control(p, 0, DOWN, &p->ends[1].down);
        return;
    }
    come_up(i);
    i->link.local = p->ends[0].mailbox == p->ends[1].mailbox;
    i->link.via = a;
    if (!kmi_link_admit(&i->link, a->url)) {
        kmi_link_close(&i->link);
        return;
    }
    post_control(p, 0, UP, &p->up);
}

static void on_data(inproc *i, kmi_slab *mail)
{
    i->link.bytes_in += mail->size;
    kmi_intake_add(&i->intake, mail);
    kmi_link_ready(&i->link);
}

void kmi_inproc_mail(kmi_net *net, kmi_slab *mail)
{
    pipe     *p = mail->owner;
    unsigned  side = mail->kind & 1;
    mail_kind kind = (mail_kind)(mail->kind >> 1);
    inproc   *i = p->ends[side].link;

    if (kind == DATA) { /* its reference to the pipe goes home with the slab */
        if (i != NULL)
            on_data(i, mail);
        else
            kmi_slab_unref(mail);
        return;
    }
    if (kind == CONNECT) {
        on_connect(net, p);
    } else if (i != NULL && kind == UP) {
        come_up(i);
        net->events->up(&i->link);
    } else if (i != NULL && i->link.up) {
        end(i, "the other node closed it");
    } else if (i != NULL) {
        kmi_link_lose(&i->link, KMSG_EREFUSED, "nobody listens there any more");
    }
    kmi_slab_unref(mail);
    pipe_unref(p);
}
