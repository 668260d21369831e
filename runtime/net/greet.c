/* greet.c -- what is said first over a byte stream, until both sides know each other.
 *
 *   in the clear   each side says its magic and hello (wire/session.c reads them)
 *   encrypted      a handshake (crypto/channel.c); the key that it proves is judged (security.c)
 *
 * Over tcp it is the dialler who begins, and his first bytes say which of the two it is. Nothing is
 * agreed upon: who does not want what was begun ends the connection, and says nothing.
 */
#include "net/stream.h"

#include "base/err.h"
#include "base/log.h"

#include <string.h>

/* ---- saying it ----------------------------------------------------------------------------- */

bool kmi_greet_is_said(const kmi_stream *s)
{
    size_t words;

    if (s->secure == NULL)
        return s->preamble_sent == KMI_PREAMBLE_SIZE;
    kmi_channel_words(&s->secure->channel, &words);
    return words == 0 && kmi_secure_is_open(s->secure);
}

static void say_words(kmi_stream *s)
{
    size_t         size;
    const uint8_t *words = kmi_channel_words(&s->secure->channel, &size);

    if (size > 0)
        kmi_channel_said(
            &s->secure->channel,
            kmi_stream_wrote(s, s->link.net->sys->write(s->socket, words, size), size));
}

void kmi_greet_say(kmi_stream *s)
{
    const kmi_sys *sys = s->link.net->sys;
    uint8_t        preamble[KMI_PREAMBLE_SIZE], *at = preamble + s->preamble_sent;
    size_t         size = sizeof preamble - s->preamble_sent;
    ptrdiff_t      n;

    if (s->secure != NULL) {
        say_words(s);
        return;
    }
    kmi_session_preamble(&s->session, preamble);
    if (s->shared != NULL && !s->is_guest)
        n = sys->pass(s->socket, at, size, s->shared->memory);
    else
        n = sys->write(s->socket, at, size);
    s->preamble_sent = (uint8_t)(s->preamble_sent + kmi_stream_wrote(s, n, size));
}

/* ---- letting in ---------------------------------------------------------------------------- */

void kmi_greet_let_in(kmi_stream *s)
{
    kmi_link *link = &s->link;
    char      url[KMI_URL_MAX];

    kmi_net_guest_speaks(link->net, &s->guest);
    kmi_stream_print_guest(s, url, sizeof url);
    if (!kmi_link_admit(link, url)) {
        kmi_link_close(link);
        return;
    }
    if (s->secure != NULL)
        kmi_channel_accept(&s->secure->channel);
    if (s->secure != NULL || s->preamble_sent == 0)
        kmi_greet_say(s);
    if (s->mute) /* he would wait for it */
        kmi_stream_end(s, KMSG_ELOST, "the connection broke");
}

/* ---- encrypted ----------------------------------------------------------------------------- */

static uint64_t host_of(const kmi_stream *s)
{
    kmi_endpoint other = kmi_stream_other(s);

    return kmi_home_of(&other);
}

static void judge(kmi_stream *s)
{
    kmi_secure *secure = s->secure;
    kmsg_err    err = kmi_secure_judge(secure, s->at);

    if (err != KMSG_OK) {
        kmi_stream_end(s, err, kmsg_last_error());
        return;
    }
    if (!s->is_guest) {
        kmi_channel_accept(&secure->channel);
        return;
    }
    kmi_bucket_put_back(&secure->security->buckets, host_of(s));
    kmi_session_greeted(&s->session, &secure->their, s->link.net->now_ns);
    kmi_stream_come_up(s);
}

/* Something was heard, or is to be said first. */
static void shake_hands(kmi_stream *s)
{
    const kmi_channel *channel = &s->secure->channel;

    if (channel->state == KMI_CHANNEL_JUDGE)
        judge(s);
    if (s->link.dead)
        return;
    say_words(s);
    if (kmi_stream_lost_by_channel(s))
        return;
    if (s->mute) {
        kmi_stream_end(s, KMSG_EREFUSED, "the connection broke");
        return;
    }
    if (channel->state == KMI_CHANNEL_OPEN && !s->link.up) {
        kmi_session_greeted(&s->session, &s->secure->their, s->link.net->now_ns);
        kmi_stream_come_up(s);
    }
}

void kmi_greet_read(kmi_stream *s)
{
    kmi_net  *net = s->link.net;
    ptrdiff_t n = kmi_secure_hear(s->secure, s->socket);

    if (n == KMI_AGAIN)
        return;
    net->now_ns = net->sys->now_ns();
    s->link.bytes_in += n > 0 ? (size_t)n : 0;
    if (n > 0)
        shake_hands(s);
    else
        kmi_stream_lose_reading(s, n);
}

/* False: it has ended. */
bool kmi_greet_in_secret(kmi_stream *s)
{
    kmi_net      *net = s->link.net;
    kmi_security *security = kmi_security_of(net);
    kmsg_err      err = security == NULL ? KMSG_ENOMEM : kmi_security_load(security);

    if (err == KMSG_OK && s->is_guest &&
        !kmi_bucket_take(&security->buckets, host_of(s), net->now_ns)) {
        kmi_stream_end(s, KMSG_EPERM,
                       "too many handshakes from there have come to nothing: try again later");
        return false;
    }
    if (err == KMSG_OK)
        s->secure = kmi_secure_new(&s->link, !s->is_guest, &s->session.options.own);
    if (err == KMSG_OK && s->secure == NULL)
        err = KMSG_ENOMEM;
    if (err != KMSG_OK)
        kmi_stream_end(s, err, err == KMSG_ENOMEM ? "out of memory" : kmsg_last_error());
    return err == KMSG_OK;
}

/* Who has come says first what it is to be. True: what he says is for the session. */
bool kmi_greet_decide(kmi_stream *s, const uint8_t *bytes, size_t size)
{
    switch (kmi_magic_of(bytes, size)) {
    case KMI_MAGIC_CUT:
        memcpy(s->first, bytes, size);
        s->first_size = (uint8_t)size;
        return false;
    case KMI_MAGIC_SECRET:
        s->deciding = false;
        if (!kmi_greet_in_secret(s))
            return false;
        s->link.hello_size = SIZE_MAX; /* the third message may be of any size */
        kmi_secure_heard(s->secure, bytes, size);
        shake_hands(s);
        return false;
    case KMI_MAGIC_CLEAR:
        if (!s->may_clear) {
            kmi_stream_end(
                s, KMSG_EPERM,
                "it speaks in the clear, which is for loopback, or where both say ?insecure");
            return false;
        }
        break;
    case KMI_MAGIC_FOREIGN: break; /* the session has words for it */
    }
    s->deciding = false;
    if (s->may_clear && (s->link.via == NULL || !s->link.via->once))
        kmi_greet_say(s);
    if (s->mute)
        kmi_stream_cannot_greet(s);
    return !s->link.dead;
}
