/* topics.h -- what a node publishes, and what it has subscribed to. Private to topics/.
 *
 *   node.c        what a node has of it all; its turns and its end
 *   outlet.c      a topic that this node publishes: what it sends, and to whom
 *   publish.c     a message into the batch; whom a publisher waits for
 *   reader.c      one of its subscribers: what goes to him when
 *   attach.c      how one comes, and comes again
 *   backlog.c     what waits for him
 *   scatter.c     what goes to him by datagrams
 *   choice.c      which keys he wants
 *   last.c        the last value of each key, for those who come later
 *   subscribe.c   a topic that this node has subscribed to
 *   meet.c        how publishers and subscribers find one another
 *   source.c      one of its publishers: attached, lost, attached again
 *   receive.c     messages that have come, to who wants them
 *   gather.c      those that come by datagrams
 *   seen.c        what has come before, by another way
 *
 * A message is encoded once, into the batch of its outlet. When the node's turn ends, or the batch
 * is full, each subscriber who wants all of it gets it as one item of his stream: a copy of
 * memory. Who has chosen by key, or is behind, has a backlog, which he is sent in the same way. So
 * what a message costs for each subscriber is its bytes, and the batch's share of a frame.
 */
#ifndef KMI_TOPICS_H
#define KMI_TOPICS_H

#include "core/core.h"
#include "topics/backlog.h"
#include "topics/choice.h"
#include <kmsg/topic.h>
#include <kmsg/topics.kmsg.h>

typedef struct kmi_topics kmi_topics;
typedef struct kmi_outlet kmi_outlet;
typedef struct kmi_reader kmi_reader;
typedef struct kmi_source kmi_source;
typedef struct kmi_lasts  kmi_lasts;
typedef struct kmi_seen   kmi_seen;

struct kmi_topics {
    kmi_part         part;
    kmsg_node       *node;
    kmi_outlet      *outlets;     /* that was used last first */
    kmsg_subscriber *subscribers; /* also those that have ended, and hear of that later */
    kmsg_arena      *mem;         /* of what is being told; one thing at a time is. Or NULL */
    bool             served;      /* kmsg.topics.Topics is */
    bool             gathers;     /* kmsg.topics.Lossy is served */
    kmsg_listener   *datagrams;   /* of those who are lossy; NULL: nobody is */
    uint32_t         port;        /* of it */
};

/* Of this node; made if it has none, NULL without memory. */
kmi_topics *kmi_topics_of(kmsg_node *node);

/* ---- publishing ------------------------------------------------------------------------------ */

#define KMI_BATCH_ROOM 64u /* bytes of a batch's message beside those of what is in it */

/* Those who were lost with their links, and may come again to hear what they have missed. */
#define KMI_LOST_READERS_MAX 64u

struct kmi_outlet {
    kmi_outlet            *next;
    kmi_topics            *topics;
    const kmsg_topic      *topic;
    kmsg_publisher_options options;
    kmsg_publication      *publication;
    kmi_reader            *readers; /* those who are there, and those who were lost */
    uint32_t               lost_count;
    uint32_t               waiters;  /* of the readers, that want to be waited for */
    uint32_t               choosers; /* that want some keys only */
    uint8_t               *batch;    /* what those who want all have not been sent */
    size_t                 batch_size;
    size_t                 batch_capacity;
    uint32_t               batch_count;
    uint64_t               number;    /* of its own messages */
    kmi_lasts             *lasts;     /* NULL: none are kept */
    kmsg_subscriber       *relay;     /* whose messages it hands on, or NULL */
    bool                   at_ease;   /* who waits has had room since the batch was begun */
    bool                   skipping;  /* some are not to get the message at hand */
    bool                   laden;     /* there is something to be sent when the turn ends */
    bool                   withdrawn; /* it goes when its readers have been sent all */
    kmsg_topic_facts       facts;
};

static inline void kmi_outlet_lade(kmi_outlet *outlet)
{
    outlet->laden = true;
    outlet->topics->node->laden = true;
}

/* NULL: the node does not publish it. */
kmi_outlet *kmi_outlet_find(kmi_topics *topics, const kmsg_topic *topic);
kmi_outlet *kmi_outlet_named(kmi_topics *topics, kmsg_string name);

/* With what an offer said, NULL: as at first. */
KMSG_CHECK kmsg_err kmi_outlet_new(kmi_topics *topics, const kmsg_topic *topic,
                                   const kmsg_publisher_options *options, kmi_outlet **ret);
void                kmi_outlet_flush(kmi_outlet *outlet);
void                kmi_outlet_withdraw(kmi_outlet *outlet);
void                kmi_outlet_free(kmi_outlet *outlet); /* and its readers, without a word */

/* What has come from elsewhere, on to those who have subscribed here. `key` is that of the message,
 * as a value. */
void kmi_outlet_relay(kmi_outlet *outlet, const kmi_news *news, const void *key);

/* ---- a subscriber at his publisher ----------------------------------------------------------- */

struct kmi_reader {
    kmi_reader        *next;
    kmi_reader        *prev;
    kmi_outlet        *outlet;
    kmsg_call         *call;   /* NULL: lost with its link */
    kmi_choice        *choice; /* NULL: all */
    kmsg_topics_Behind behind;
    uint64_t           token;
    uint64_t           passed; /* messages, its choice, since it came first */
    kmi_backlog        backlog;
    bool               on_room; /* is told when it can be sent more */
    bool               skips;   /* is not to get the message at hand */
    kmsg_peer         *scatter; /* where datagrams reach it, or NULL: all goes by the stream */
    uint64_t           ticket;
    uint64_t           scattered; /* messages that it was to get since it has attached */
};

#define KMI_HELLO_AGAIN 1u /* it was known */
#define KMI_HELLO_LOSSY 2u /* datagrams come, too */

/* Sends as much of its backlog as there is room for. */
void kmi_reader_send(kmi_reader *reader);

/* Whole, without a copy of its own. False: there is no room for it. */
bool kmi_reader_send_batch(kmi_reader *reader, kmsg_bytes messages, uint32_t count);

/* A message to its backlog, whatever becomes of it there. False: it was cut off, and is gone. */
bool kmi_reader_add(kmi_reader *reader, const kmi_news *news);

/* There is no room for one more, with what it will be sent of the batch. */
bool kmi_reader_is_full(const kmi_reader *reader);

/* It has attached: from now on by datagrams, if it wants them and is on this host. */
void kmi_scatter_begin(kmi_reader *reader, const kmsg_topics_Wish *wish);
void kmi_scatter_end(kmi_reader *reader);

/* They are sent, or lost: nothing waits. */
void kmi_scatter(kmi_reader *reader, kmsg_bytes messages, uint32_t count);
void kmi_scatter_backlog(kmi_reader *reader);

/* By the stream: how many there were. */
void kmi_scatter_last_word(kmi_reader *reader);

/* Its call ends, with what it says. */
void kmi_reader_end(kmi_reader *reader, kmsg_err err, const char *words);

/* Its link is lost: it may come again. */
void kmi_reader_lose(kmi_reader *reader);
void kmi_reader_free(kmi_reader *reader);

/* The service of all outlets of a node. */
extern const kmsg_topics_Topics_impl kmi_attach_impl;

/* ---- the last values ------------------------------------------------------------------------- */

kmi_lasts *kmi_lasts_new(uint32_t keys_max, size_t size_max); /* NULL: no memory */
void       kmi_lasts_free(kmi_lasts *lasts);                  /* NULL is fine */

/* In place of the one of the same key. What finds no room or no memory is not kept. */
void kmi_lasts_keep(kmi_lasts *lasts, const kmi_news *news);

/* Each that is kept, the oldest first. */
void kmi_lasts_each(const kmi_lasts *lasts, void (*fn)(void *ctx, const kmi_news *news), void *ctx);

/* ---- subscribing ----------------------------------------------------------------------------- */

#define KMI_LOST_SOURCES_MAX 64u

/* What is known of a publisher that may come again. */
typedef struct kmi_lost_source {
    uint64_t instance; /* 0: none */
    uint64_t token;
    uint64_t known;
} kmi_lost_source;

struct kmsg_subscriber {
    kmsg_subscriber        *next;
    kmsg_subscriber        *prev;
    kmi_topics             *topics;
    const kmsg_topic       *topic;
    kmsg_subscriber_options options;
    kmsg_subscription      *subscription;
    kmi_source             *sources;
    uint32_t                source_count;
    uint8_t                *filter; /* a message of topic->filter */
    size_t                  filter_size;
    kmsg_done              *heard;
    void                   *ctx;
    void                   *key;   /* room for a key and a value, as they are told */
    void                   *value; /* of */
    kmi_seen               *seen;  /* NULL: nothing that wanders has come */
    kmi_lost_source        *lost;  /* KMI_LOST_SOURCES_MAX of them, or NULL */
    size_t                  lost_next;
    uint32_t                refs; /* its own, one for each of its sources, and of its name */
    bool                    ended;
    kmsg_subscriber_facts   facts;
};

void kmi_subscriber_unref(kmsg_subscriber *subscriber);
void kmi_subscriber_free(kmsg_subscriber *subscriber); /* that is in no list */
void kmi_subscriber_tell(kmsg_subscriber *subscriber, const kmsg_topic_event *event);

#define KMI_SOURCE_WORDS_MAX 256u /* bytes, with a NUL */

/* One of its publishers. It is its subscriber's until it is left, and stays then as long as a call
 * of its own is under way. */
struct kmi_source {
    kmi_source      *next;
    kmsg_subscriber *subscriber;
    kmsg_peer       *peer;
    kmi_timer        timer;   /* until it is attached again */
    bool             joined;  /* by its user, who wants it again when it is lost */
    bool             calling; /* the call is under way */
    bool             attached;
    bool             left;  /* nobody wants it any more */
    bool             gone;  /* its name is not there any more: it is left when its call has ended */
    kmsg_err         fault; /* why it is given up, or KMSG_OK */
    char             words[KMI_SOURCE_WORDS_MAX];
    kmsg_err         told; /* the last end that was told */
    uint64_t         token;
    uint64_t         known; /* messages that have come, or are known to have been missed */
    uint64_t         instance;
    uint64_t         ticket; /* of the datagrams that are its own; another one each time */
    uint64_t         begun;  /* what was known when it was attached */
    bool             lossy;  /* it sends datagrams */
};

/* KMSG_EEXIST, KMSG_EFULL, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_source_add(kmsg_subscriber *subscriber, kmsg_peer *peer, bool joined);
void                kmi_source_leave(kmi_source *source);
void                kmi_source_drop(kmi_source *source); /* its name is not there any more */
kmi_source         *kmi_source_find(const kmsg_subscriber *subscriber, const kmsg_peer *peer);

/* A batch has come. KMSG_EDECODE with words, KMSG_ENOMEM: its source cannot go on. */
KMSG_CHECK kmsg_err kmi_receive(kmi_source *source, const kmsg_topics_Batch *batch);

/* Opens a port for datagrams, unless there is one. KMSG_ENOMEM and what kmsg_listen() says. */
KMSG_CHECK kmsg_err kmi_gather_begin(kmi_topics *topics);

/* A batch has come, by whatever way: *ret_missed messages were lost before it. False: it is too
 * late, or here twice. */
bool kmi_gather(const kmi_source *source, const kmsg_topics_Batch *batch, uint64_t *ret_missed);

/* It has come by a datagram. */
void kmi_source_take(kmi_source *source, const kmsg_topics_Batch *batch);

/* So many messages will not come. */
void kmi_receive_missed(kmi_source *source, uint64_t missed);

/* ---- names ----------------------------------------------------------------------------------- */

/* Whether it is to be found is told later, to the log. KMSG_EINVAL, KMSG_EKEY, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_meet_publish(kmi_outlet *outlet);
KMSG_CHECK kmsg_err kmi_meet_subscribe(kmsg_subscriber *subscriber);

/* It is lost; and it, or another one, is there. */
void kmi_meet_note_lost(const kmi_source *source);
void kmi_meet_remember(kmi_source *source, uint64_t instance);

/* ---- what has come before -------------------------------------------------------------------- */

kmi_seen *kmi_seen_new(void); /* NULL: no memory */
void      kmi_seen_free(kmi_seen *seen);

/* Notes it. True: it was there before, or may have been: it is too old to know. */
bool kmi_seen_before(kmi_seen *seen, uint64_t origin, uint64_t number);

#endif
