/* prices.kmsg.h -- made by kmsgc 0.1.0 from prices.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef PRICES_PRICES_KMSG_H
#define PRICES_PRICES_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>
#include <kmsg/topic.h>

#if KMSG_GEN_VERSION != 5
#error "prices.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Topics, as they look in C. */

/* ---- enum Venue -------------------------------------------------------------------------- */

/* Open: a number that is not named here may arrive, and is kept. */
typedef enum prices_Venue KMSG_ENUM_BASE {
    prices_Venue_XETRA = 0,
    prices_Venue_NYSE = 1
} prices_Venue;

typedef struct prices_Venue_list {
    const prices_Venue *items;
    size_t count;
} prices_Venue_list;

/* "RED"; NULL for a number without a name. */
const char *prices_Venue_name(prices_Venue value);

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct prices_Tick prices_Tick;
typedef struct prices_Tick_list {
    const prices_Tick *items;
    size_t count;
} prices_Tick_list;

/* ---- record Tick ------------------------------------------------------------------------- */

struct prices_Tick {
    double bid;                      /* 1 */
    double ask;                      /* 2 */
    uint32_t size;                   /* 3 */
    uint8_t pad1_[4];
};

/* All defaults: prices_Tick x = prices_Tick_initial; */
extern const prices_Tick prices_Tick_initial;

/* Bytes of the longest message: uint8_t buffer[prices_Tick_ENCODED_MAX]; */
#define prices_Tick_ENCODED_MAX 28

KMSG_CHECK kmsg_err prices_Tick_encoded_size(const prices_Tick *value, size_t *ret);
KMSG_CHECK static inline kmsg_err prices_Tick_encode_into(const prices_Tick *value, void *buffer,
                                                          size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err prices_Tick_encode(const prices_Tick *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err prices_Tick_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                     prices_Tick *ret);
KMSG_CHECK kmsg_err prices_Tick_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, prices_Tick *ret);
KMSG_CHECK kmsg_err prices_Tick_copy(const prices_Tick *value, kmsg_arena *mem, prices_Tick *ret);
bool prices_Tick_equal(const prices_Tick *a, const prices_Tick *b);
void prices_Tick_print(const prices_Tick *value, FILE *out);

#ifndef KMSG_CODEC_ONLY

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout prices_Tick_layout;
KMSG_CHECK static inline kmsg_err prices_Tick_send(kmsg_object *from, kmsg_address to,
                                                   const prices_Tick *value)
{
    return kmsg_send(from, to, &prices_Tick_layout, value);
}
static inline bool prices_Tick_is(const kmsg_message *message)
{
    return kmsg_is(message, &prices_Tick_layout);
}
KMSG_CHECK static inline kmsg_err prices_Tick_read(const kmsg_message *message, kmsg_arena *mem,
                                                   prices_Tick *ret)
{
    return kmsg_read(message, &prices_Tick_layout, mem, ret);
}

/* ---- topic Prices ------------------------------------------------------------------------ */

/* Of each topic: _publish sends a message to all who have subscribed, and waits for none of them
 * who has not asked for that. _offer, before the first, says how; `options` may be NULL. _subscribe
 * calls `heard` of each message that is published from then on, until kmsg_subscriber_end();
 * `options` and `ret` may be NULL, and so may a filter, which lets all through: a part of the
 * key that it leaves absent may be anything, and a string is a pattern, "AC*". See kmsg/topic.h. */

typedef struct prices_Prices_filter prices_Prices_filter;
struct prices_Prices_filter {
    kmsg_string symbol;              /* 1, .data is NULL when absent */
};

/* What things cost. */
/* Prices(symbol: string(1..8)): prices.Tick */
KMSG_CHECK kmsg_err prices_Prices_offer(kmsg_node *node, const kmsg_publisher_options *options);
KMSG_CHECK kmsg_err prices_Prices_publish(kmsg_node *node, kmsg_string symbol,
                                          const prices_Tick *value);
typedef void prices_Prices_heard(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
                                 const prices_Tick *value);
KMSG_CHECK kmsg_err prices_Prices_subscribe(kmsg_node *node, const prices_Prices_filter *filter,
                                            const kmsg_subscriber_options *options, void *ctx,
                                            prices_Prices_heard *heard, kmsg_subscriber **ret);

/* ---- topic Alarms ------------------------------------------------------------------------ */

/* Alarms(): string */
KMSG_CHECK kmsg_err prices_Alarms_offer(kmsg_node *node, const kmsg_publisher_options *options);
KMSG_CHECK kmsg_err prices_Alarms_publish(kmsg_node *node, kmsg_string value);
typedef void prices_Alarms_heard(void *ctx, const kmsg_topic_news *news, kmsg_string value);
KMSG_CHECK kmsg_err prices_Alarms_subscribe(kmsg_node *node, const kmsg_subscriber_options *options,
                                            void *ctx, prices_Alarms_heard *heard,
                                            kmsg_subscriber **ret);

/* ---- topic Depth ------------------------------------------------------------------------- */

typedef struct prices_Depth_value_entry prices_Depth_value_entry;

typedef struct prices_Depth_value {
    const prices_Depth_value_entry *items;
    size_t count;
} prices_Depth_value;

struct prices_Depth_value_entry {
    kmsg_string key;
    uint32_t value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const uint32_t *prices_Depth_value_find(prices_Depth_value map, kmsg_string key);

typedef struct prices_Depth_filter prices_Depth_filter;
struct prices_Depth_filter {
    prices_Venue venue;              /* 1 */
    bool has_venue;
    uint8_t level;                   /* 3 */
    bool has_level;
    kmsg_string symbol;              /* 2, .data is NULL when absent */
};

/* Depth(venue: prices.Venue, symbol: string, level: u8): map<string, u32> */
KMSG_CHECK kmsg_err prices_Depth_offer(kmsg_node *node, const kmsg_publisher_options *options);
KMSG_CHECK kmsg_err prices_Depth_publish(kmsg_node *node, prices_Venue venue, kmsg_string symbol,
                                         uint8_t level, prices_Depth_value value);
typedef void prices_Depth_heard(void *ctx, const kmsg_topic_news *news, prices_Venue venue,
                                kmsg_string symbol, uint8_t level, prices_Depth_value value);
KMSG_CHECK kmsg_err prices_Depth_subscribe(kmsg_node *node, const prices_Depth_filter *filter,
                                           const kmsg_subscriber_options *options, void *ctx,
                                           prices_Depth_heard *heard, kmsg_subscriber **ret);

/* ---- topic Marks ------------------------------------------------------------------------- */

typedef struct prices_Marks_value prices_Marks_value;

struct prices_Marks_value {
    uint16_t items[2];
};

/* Marks(value: f64[3], note: string?): u16[2] */
KMSG_CHECK kmsg_err prices_Marks_offer(kmsg_node *node, const kmsg_publisher_options *options);
KMSG_CHECK kmsg_err prices_Marks_publish(kmsg_node *node, const double value_[3], kmsg_string note,
                                         const prices_Marks_value *value);
typedef void prices_Marks_heard(void *ctx, const kmsg_topic_news *news, const double value_[3],
                                kmsg_string note, const prices_Marks_value *value);
KMSG_CHECK kmsg_err prices_Marks_subscribe(kmsg_node *node, const kmsg_subscriber_options *options,
                                           void *ctx, prices_Marks_heard *heard,
                                           kmsg_subscriber **ret);

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_type prices_Venue_type, prices_Venue_list_type;
extern const kmsg_topic prices_Prices_topic;
extern const kmsg_topic prices_Alarms_topic;
extern const kmsg_topic prices_Depth_topic;
extern const kmsg_topic prices_Marks_topic;

#define prices_Tick_SHAPE KMSG_SHAPE(20, 0, 3)
extern const kmsg_layout prices_Tick_layout;
uint64_t prices_Tick_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *prices_Tick_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *prices_Tick_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type prices_Tick_type, prices_Tick_list_type;

/* Records of scalars alone: written out where they are called. */

static inline uint32_t prices_Tick_row_set(const void *value, uint8_t *row)
{
    const prices_Tick *p = (const prices_Tick *)value;

    kmsg_put_block(&prices_Tick_layout, row, p, 20);
    return 0;
}

static inline kmsg_err prices_Tick_encode_into(const prices_Tick *value, void *buffer,
                                               size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&prices_Tick_layout, prices_Tick_SHAPE, prices_Tick_row_set, value,
                             buffer, capacity, ret_size);
}

static inline kmsg_err prices_Tick_decode(kmsg_bytes bytes, kmsg_arena *mem, prices_Tick *ret)
{
    return kmsg_decode_plain(&prices_Tick_layout, prices_Tick_SHAPE, NULL, bytes, mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
