/* attack.h -- the scene of the attack tests: a node that lets in whom it trusts, over tcp, with
 * loopback encrypted too; somebody who behaves; and somebody who does not, with a plain socket and
 * the code of the handshake in his own hands.
 *
 * Both nodes are driven by the test's thread, and their clock can be put forward (seam.h). All that
 * is logged is kept, and looked through for secrets when the scene ends.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "fault/seam.h"
#include "unit/talk.h"

#include "crypto/channel.h"
#include "crypto/key.h"
#include "crypto/key_text.h"
#include "crypto/trust.h"
#include "net/guests.h"
#include "wire/hello.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* What who dials can hear at most before he has proved his key: the magic, and the second message
 * with a hello. */
#define SECOND_MAX (KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD + 96u + KMI_HELLO_SIZE)

/* ---- what the log says ----------------------------------------------------------------------- */

typedef struct attack_log {
    char   text[1 << 18];
    size_t size;
    int    lines;
} attack_log;

static attack_log logged;

static inline void log_keep(void *ctx, kmsg_log_level level, const char *text)
{
    int n = snprintf(logged.text + logged.size, sizeof logged.text - logged.size, "%d %s\n", level,
                     text);

    (void)ctx;
    logged.lines++;
    logged.size += (size_t)n < sizeof logged.text - logged.size ? (size_t)n : 0;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

typedef struct host {
    char        folder[64];
    const char *name;
    kmsg_key    key;
    kmi_vault   vault;
    uint8_t    *secret;
    uint8_t    *psk; /* NULL: no cluster */
} host;

static inline const char *host_path(const host *h, const char *file)
{
    static char path[4][KMI_KEY_PATH_MAX];
    static int  count;
    char       *ret = path[count++ % 4];

    OK(kmi_key_path(h->folder, file, ret));
    return ret;
}

/* As `kmsg key new` does, in a folder of its own. */
static inline void host_init(host *h, const char *name)
{
    *h = (host){.name = name, .vault = {.size = KMI_DH_SIZE}};
    snprintf(h->folder, sizeof h->folder, "/tmp/kmsg-attack-XXXXXX");
    CHECK(mkdtemp(h->folder) != NULL);
    OK(kmi_key_new(host_path(h, "key"), &h->key));
    h->secret = kmi_vault_take(&h->vault);
    CHECK(h->secret != NULL);
    OK(kmi_key_load(host_path(h, "key"), h->secret, &h->key));
}

static inline void host_done(host *h)
{
    static const char *const files[] = {"key", "trusted", "trusted.lock", "cluster"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(host_path(h, files[i]));
    CHECK(rmdir(h->folder) == 0);
    kmi_vault_done(&h->vault);
}

/* As `kmsg key trust` does; `at` may be NULL. */
static inline void host_trusts(const host *h, const host *other, const char *at)
{
    kmi_trust  *trust = kmi_trust_new(host_path(h, "trusted"));
    kmi_trusted line = {
        .key = other->key, .name = other->name, .at = &at, .at_count = at == NULL ? 0 : 1};

    OK(kmi_trust_add(trust, &line));
    kmi_trust_free(trust);
}

static inline void host_revokes(const host *h, const host *other)
{
    kmi_trust *trust = kmi_trust_new(host_path(h, "trusted"));

    OK(kmi_trust_remove(trust, &other->key));
    kmi_trust_free(trust);
}

/* As if it had never met anybody. */
static inline void host_forgets(const host *h)
{
    CHECK(unlink(host_path(h, "trusted")) == 0);
}

/* The secret of a cluster that is named so: another one with each call. */
static inline void host_joins(host *h, const char *cluster)
{
    kmi_cluster loaded;

    OK(kmi_cluster_new(host_path(h, "cluster"), cluster));
    h->psk = kmi_vault_take(&h->vault);
    OK(kmi_cluster_load(host_path(h, "cluster"), h->psk, &loaded));
    EQ_STR(loaded.name, cluster);
}

static inline void host_copies_cluster(host *h, const host *from)
{
    char   text[1024];
    FILE  *in = fopen(host_path(from, "cluster"), "r"), *out;
    size_t size = fread(text, 1, sizeof text, in);

    fclose(in);
    out = fdopen(open(host_path(h, "cluster"), O_CREAT | O_WRONLY | O_TRUNC, 0600), "w");
    EQ_UINT(fwrite(text, 1, size, out), size);
    fclose(out);
    h->psk = kmi_vault_take(&h->vault);
    memcpy(h->psk, from->psk, KMI_DH_SIZE);
}

static inline kmsg_node *host_node(const host *h, bool trust_first_use)
{
    kmsg_node    *node = seam_node_new();
    kmsg_security options = {
        .folder = h->folder, .trust_first_use = trust_first_use, .encrypt_loopback = true};

    OK(kmsg_node_set_security(node, &options));
    return node;
}

/* ---- secrets --------------------------------------------------------------------------------- */

static inline bool holds(const void *text, size_t size, const void *part, size_t part_size)
{
    const uint8_t *bytes = text;

    for (size_t at = 0; at + part_size <= size; at++)
        if (memcmp(bytes + at, part, part_size) == 0)
            return true;
    return false;
}

/* In none of the forms that somebody might print one in; nor the most of it. */
static inline void check_holds_no_secret(const void *text, size_t size, const uint8_t secret[32])
{
    static const kmi_key_kind kinds[] = {KMI_KIND_PUBLIC, KMI_KIND_SECRET, KMI_KIND_CLUSTER};
    char                      hex[65], base32[KMSG_KEY_TEXT];

    CHECK(!holds(text, size, secret, 8));
    CHECK(!holds(text, size, secret + 24, 8));
    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", secret[i]);
    CHECK(!holds(text, size, hex, 16));
    CHECK(!holds(text, size, hex + 48, 16));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kmi_key_as_text(kinds[i], secret, base32);
        CHECK(!holds(text, size, base32, 16));
        CHECK(!holds(text, size, base32 + 24, 16));
    }
}

static inline void check_log(const host *h)
{
    check_holds_no_secret(logged.text, logged.size, h->secret);
    if (h->psk != NULL)
        check_holds_no_secret(logged.text, logged.size, h->psk);
}

/* ---- the scene ------------------------------------------------------------------------------- */

typedef struct scene {
    host       here, there, evil; /* here and there trust each other, and nobody trusts evil */
    kmsg_node *server, *node;     /* of here, of there */
    kmsg_peer *good;              /* from there to here */
    server     state;
    uint16_t   port;
} scene;

static inline void turn(scene *s)
{
    struct pollfd fds[] = {{.fd = kmsg_node_fd(s->node), .events = POLLIN},
                           {.fd = kmsg_node_fd(s->server), .events = POLLIN}};
    bool          due = kmsg_node_wait_ms(s->node) == 0 || kmsg_node_wait_ms(s->server) == 0;

    (void)poll(fds, 2, due ? 0 : 1);
    OK(kmsg_node_step(s->node));
    OK(kmsg_node_step(s->server));
}

/* Until it is so, which is asked until then and not again. */
#define MEET(s, condition)                                                                         \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        bool    is_met;                                                                            \
        while (!(is_met = (condition)) && clock_ms() < until_ms)                                   \
            turn(s);                                                                               \
        test_check(is_met, #condition, __FILE__, __LINE__);                                        \
    } while (0)

static inline void settle(scene *s)
{
    struct pollfd fds[] = {{.fd = kmsg_node_fd(s->node), .events = POLLIN},
                           {.fd = kmsg_node_fd(s->server), .events = POLLIN}};

    while (kmsg_node_wait_ms(s->node) == 0 || kmsg_node_wait_ms(s->server) == 0 ||
           poll(fds, 2, 0) > 0)
        turn(s);
}

static inline void pass_ms(scene *s, int64_t ms)
{
    seam.ahead_ns += ms * KMI_MS;
    settle(s);
}

static inline void scene_hosts(scene *s)
{
    memset(s, 0, sizeof *s);
    logged.size = 0;
    logged.lines = 0;
    kmsg_set_log(log_keep, NULL);
    host_init(&s->here, "here");
    host_init(&s->there, "there");
    host_init(&s->evil, "evil");
    host_trusts(&s->here, &s->there, NULL);
    host_trusts(&s->there, &s->here, NULL);
}

static inline void scene_serve(scene *s)
{
    s->node = host_node(&s->there, false);
    s->server = s->state.node = host_node(&s->here, false);
    OK(talk_Talk_serve(s->server, &talk_impl, &s->state));
    OK(kmsg_listen(s->server, "tcp:127.0.0.1:0", &s->state.listener));
    s->port = (uint16_t)strtoul(strrchr(kmsg_listener_url(s->state.listener), ':') + 1, NULL, 10);
    OK(kmsg_dial(s->node, kmsg_listener_url(s->state.listener), &s->good));
}

static inline void scene_init(scene *s)
{
    scene_hosts(s);
    scene_serve(s);
}

/* In good order, so that nobody waits for the other one. */
static inline void scene_done(scene *s)
{
    kmsg_peer_close(s->good);
    MEET(s, seam.sockets == 1);
    kmsg_node_free(s->node);
    kmsg_node_free(s->server);
    EQ_INT(seam.sockets, 0);
    kmsg_set_log(NULL, NULL);
    check_log(&s->here);
    check_log(&s->there);
    host_done(&s->here);
    host_done(&s->there);
    host_done(&s->evil);
}

static inline void ask(kmsg_peer *peer, outcome *o)
{
    talk_Note note = note_of("a known word", 1);

    *o = (outcome){0};
    talk_Talk_echo_async(peer, &note, o, echo_done);
}

/* Whatever was done: who behaves is served. */
static inline void check_others(scene *s)
{
    outcome o;
    int     before = s->state.handled;

    ask(s->good, &o);
    MEET(s, o.count == 1);
    OK(o.err);
    EQ_INT(s->state.handled, before + 1);
}

static inline kmsg_node_facts facts_of(const kmsg_node *node)
{
    kmsg_node_facts facts;

    kmsg_node_info(node, &facts);
    return facts;
}

/* ---- sockets --------------------------------------------------------------------------------- */

/* From 127.0.0.LAST. */
static inline int tcp_connect(uint16_t port, uint8_t last)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    int                fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    CHECK(fd >= 0);
    a.sin_addr.s_addr = htonl(0x7f000000u + last);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
    a.sin_addr.s_addr = htonl(0x7f000001u);
    a.sin_port = htons(port);
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    return fd;
}

static inline int tcp_listen(uint16_t *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t          size = sizeof a;
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(0x7f000001u);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 64) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &size) == 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* ---- somebody with the handshake in his own hands -------------------------------------------- */

#define HEARD_MAX (1u << 16)

typedef struct stranger {
    int               fd;
    kmi_channel_setup setup;
    kmi_channel       channel;
    int               judged;
    bool              over;  /* the other side has ended it */
    size_t            heard; /* bytes in all */
    size_t            used;  /* of `bytes`, that the channel has taken */
    size_t            size;  /* of `bytes` */
    uint8_t           bytes[HEARD_MAX];
} stranger;

static inline void stranger_init(stranger *st, const host *who, bool dials)
{
    uint8_t   hello[KMI_HELLO_SIZE], fresh[32];
    kmi_terms terms = {
        .instance = 77, .message_max = 1 << 20, .credit = 256, .credit_bytes = 1 << 22};

    memset(st, 0, sizeof *st);
    for (size_t i = 0; i < sizeof fresh; i++)
        fresh[i] = (uint8_t)test_random();
    kmi_channel_setup_init(&st->setup);
    st->setup.secret = who->secret;
    st->setup.psk = who->psk;
    st->setup.cluster = who->psk == NULL ? "" : "harbour";
    CHECK(kmi_channel_init(&st->channel, &st->setup, dials, hello, kmi_hello_put(&terms, hello),
                           fresh));
    st->fd = -1;
}

static inline void stranger_done(stranger *st)
{
    kmi_channel_done(&st->channel);
    kmi_channel_setup_done(&st->setup);
    if (st->fd >= 0)
        close(st->fd);
}

/* What the channel has to say now, taken from it. */
static inline size_t stranger_words(stranger *st, uint8_t *ret)
{
    size_t         size;
    const uint8_t *words = kmi_channel_words(&st->channel, &size);

    if (size > 0) {
        memcpy(ret, words, size);
        kmi_channel_said(&st->channel, size);
    }
    return size;
}

/* It may have been closed already. */
static inline void stranger_send(stranger *st, const uint8_t *bytes, size_t size)
{
    ssize_t n = send(st->fd, bytes, size, MSG_NOSIGNAL);

    CHECK(n == (ssize_t)size || (n < 0 && (errno == EPIPE || errno == ECONNRESET)));
}

/* All that has come; it goes to the channel as far as that wants it, who accepts anybody. */
static inline void stranger_hear(stranger *st)
{
    ssize_t n = recv(st->fd, st->bytes + st->size, HEARD_MAX - st->size, MSG_DONTWAIT);
    size_t  wanted;

    st->over |= n == 0 || (n < 0 && errno != EAGAIN);
    st->size += n > 0 ? (size_t)n : 0;
    st->heard += n > 0 ? (size_t)n : 0;
    while (st->used < st->size && (wanted = kmi_channel_wants(&st->channel)) > 0) {
        wanted = wanted < st->size - st->used ? wanted : st->size - st->used;
        kmi_channel_hear(&st->channel, st->bytes + st->used, wanted);
        st->used += wanted;
        if (st->channel.state == KMI_CHANNEL_JUDGE) {
            st->judged++;
            kmi_channel_accept(&st->channel);
        }
    }
}

static inline bool is_over(stranger *st)
{
    stranger_hear(st);
    return st->over;
}

static inline bool has_to_say(stranger *st)
{
    size_t size;

    stranger_hear(st);
    (void)kmi_channel_words(&st->channel, &size);
    return size > 0;
}

static inline bool has_opened(stranger *st)
{
    stranger_hear(st);
    return st->channel.state == KMI_CHANNEL_OPEN;
}

/* The honest way in, as `who`. */
static inline void stranger_enter(scene *s, stranger *st, const host *who)
{
    uint8_t words[KMI_CHANNEL_MESSAGE_MAX];

    stranger_init(st, who, true);
    st->fd = tcp_connect(s->port, 1);
    for (int i = 0; i < 2; i++) {
        MEET(s, has_to_say(st));
        stranger_send(st, words, stranger_words(st, words));
    }
    MEET(s, has_opened(st));
}

/* ---- records --------------------------------------------------------------------------------- */

/* The next frame of this kind in the records that have come; others are passed over. Each record of
 * the tests has one frame. */
static inline bool stranger_hears(stranger *st, kmi_kind kind, kmi_frame *ret)
{
    static uint8_t plain[KMI_RECORD_PLAIN_MAX];
    bool           found = false;

    stranger_hear(st);
    while (!found && st->size - st->used >= KMI_RECORD_HEAD) {
        size_t size = kmi_record_size(st->bytes + st->used);
        CHECK(size > 0);
        if (size > st->size - st->used)
            break;
        CHECK(kmi_channel_open(&st->channel, st->bytes + st->used, size, plain));
        st->used += size;
        for (size_t at = 0; !found && at < size - KMI_RECORD_OVERHEAD;
             at += kmi_frame_room(ret->size)) {
            kmi_frame_get_header(plain + at, ret);
            found = ret->kind == kind;
        }
    }
    return found;
}

#define RECORD_ROOM 1024u

/* Talk.echo("word") as one frame, and as a record; the size of it. */
static inline size_t stranger_call(uint8_t *to, uint32_t call)
{
    talk_Note note = note_of("word", 1);
    kmi_frame frame = {.kind = KMI_CALL, .call = call, .aux = 5000, .target = talk_Talk_service.id};
    size_t    size = 0;

    memset(to, 0, RECORD_ROOM);
    OK(kmsg_encode_into(talk_Talk_service.methods[0].args, &note, to + KMI_REQUEST_SIZE,
                        RECORD_ROOM - KMI_REQUEST_SIZE, &size));
    frame.size = KMI_REQUEST_SIZE + size;
    kmi_frame_put(to, &frame);
    return kmi_frame_room(frame.size);
}

static inline size_t stranger_seal(stranger *st, const uint8_t *frames, size_t size, uint8_t *ret)
{
    CHECK(kmi_channel_seal(&st->channel, frames, size, ret));
    return size + KMI_RECORD_OVERHEAD;
}

static inline size_t stranger_record(stranger *st, uint32_t call, uint8_t ret[RECORD_ROOM])
{
    uint8_t frame[RECORD_ROOM];

    return stranger_seal(st, frame, stranger_call(frame, call), ret);
}

#endif
