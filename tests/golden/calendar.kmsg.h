/* calendar.kmsg.h -- made by kmsgc 0.1.0 from calendar.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef CALENDAR_CALENDAR_KMSG_H
#define CALENDAR_CALENDAR_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>

#if KMSG_GEN_VERSION != 5
#error "calendar.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- closed enum Weekday ----------------------------------------------------------------- */

typedef enum calendar_Weekday KMSG_ENUM_BASE {
    calendar_Weekday_MONDAY = 1,
    calendar_Weekday_TUESDAY = 2,
    calendar_Weekday_WEDNESDAY = 3,
    calendar_Weekday_THURSDAY = 4,
    calendar_Weekday_FRIDAY = 5,
    calendar_Weekday_SATURDAY = 6,
    calendar_Weekday_SUNDAY = 7
} calendar_Weekday;

typedef struct calendar_Weekday_list {
    const calendar_Weekday *items;
    size_t count;
} calendar_Weekday_list;

/* "RED"; NULL for a number without a name. */
const char *calendar_Weekday_name(calendar_Weekday value);

static inline bool calendar_Weekday_known(int32_t number)
{
    switch (number) {
    case calendar_Weekday_MONDAY:
    case calendar_Weekday_TUESDAY:
    case calendar_Weekday_WEDNESDAY:
    case calendar_Weekday_THURSDAY:
    case calendar_Weekday_FRIDAY:
    case calendar_Weekday_SATURDAY:
    case calendar_Weekday_SUNDAY:
        return true;
    default: return false;
    }
}

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct calendar_Day calendar_Day;
typedef struct calendar_Day_list {
    const calendar_Day *items;
    size_t count;
} calendar_Day_list;

typedef kmsg_string calendar_Day_name;

typedef struct calendar_Holidays_entry calendar_Holidays_entry;

typedef struct calendar_Holidays {
    const calendar_Holidays_entry *items;
    size_t count;
} calendar_Holidays;

struct calendar_Holidays_entry {
    calendar_Day_name key;
    kmsg_list_u16 value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const kmsg_list_u16 *calendar_Holidays_find(calendar_Holidays map, calendar_Day_name key);

KMSG_CHECK kmsg_err calendar_Holidays_encode(const calendar_Holidays *value, kmsg_arena *mem,
                                             kmsg_bytes *ret);
KMSG_CHECK kmsg_err calendar_Holidays_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                             calendar_Holidays *ret);
KMSG_CHECK kmsg_err calendar_Holidays_decode_copy(kmsg_bytes bytes, kmsg_arena *mem,
                                                  calendar_Holidays *ret);
KMSG_CHECK kmsg_err calendar_Holidays_copy(const calendar_Holidays *value, kmsg_arena *mem,
                                           calendar_Holidays *ret);
bool calendar_Holidays_equal(const calendar_Holidays *a, const calendar_Holidays *b);
void calendar_Holidays_print(const calendar_Holidays *value, FILE *out);

/* ---- fixed record Day -------------------------------------------------------------------- */

/* Frozen: embedded whole wherever it is used. */
struct calendar_Day {
    int32_t year;                    /* 1 */
    uint8_t month;                   /* 2 */
    uint8_t day;                     /* 3 */
    uint8_t pad1_[2];
    calendar_Weekday weekday;        /* 4 */
};

/* All defaults: calendar_Day x = calendar_Day_initial; */
extern const calendar_Day calendar_Day_initial;

/* Bytes of the longest message: uint8_t buffer[calendar_Day_ENCODED_MAX]; */
#define calendar_Day_ENCODED_MAX 20

KMSG_CHECK kmsg_err calendar_Day_encoded_size(const calendar_Day *value, size_t *ret);
KMSG_CHECK static inline kmsg_err calendar_Day_encode_into(const calendar_Day *value, void *buffer,
                                                           size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err calendar_Day_encode(const calendar_Day *value, kmsg_arena *mem,
                                        kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err calendar_Day_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                      calendar_Day *ret);
KMSG_CHECK kmsg_err calendar_Day_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, calendar_Day *ret);
KMSG_CHECK kmsg_err calendar_Day_copy(const calendar_Day *value, kmsg_arena *mem,
                                      calendar_Day *ret);
bool calendar_Day_equal(const calendar_Day *a, const calendar_Day *b);
void calendar_Day_print(const calendar_Day *value, FILE *out);

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_type calendar_Weekday_type, calendar_Weekday_list_type;

#define calendar_Day_SHAPE KMSG_SHAPE(12, 0, 2)
extern const kmsg_layout calendar_Day_layout;
uint64_t calendar_Day_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *calendar_Day_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *calendar_Day_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type calendar_Day_type, calendar_Day_list_type;

#define calendar_Holidays_entry_SHAPE KMSG_SHAPE(0, 2, 2)
extern const kmsg_layout calendar_Holidays_entry_layout;
uint64_t calendar_Holidays_entry_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *calendar_Holidays_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *calendar_Holidays_entry_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                               void *ret);
extern const kmsg_type calendar_Holidays_type;

/* Records of scalars alone: written out where they are called. */
static inline uint32_t calendar_Day_row_bad(const uint8_t *row);

static inline uint32_t calendar_Day_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[6] | row[7]; /* padding */
    bad |= !calendar_Weekday_known((int32_t)kmsg_load32(row + 8));
    return bad;
}

static inline uint32_t calendar_Day_row_set(const void *value, uint8_t *row)
{
    const calendar_Day *p = (const calendar_Day *)value;

    kmsg_put_block(&calendar_Day_layout, row, p, 12);
    memset(row + 6, 0, 2);
    return calendar_Day_row_bad(row);
}

static inline kmsg_err calendar_Day_encode_into(const calendar_Day *value, void *buffer,
                                                size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&calendar_Day_layout, calendar_Day_SHAPE, calendar_Day_row_set, value,
                             buffer, capacity, ret_size);
}

static inline kmsg_err calendar_Day_decode(kmsg_bytes bytes, kmsg_arena *mem, calendar_Day *ret)
{
    return kmsg_decode_plain(&calendar_Day_layout, calendar_Day_SHAPE, calendar_Day_row_bad, bytes,
                             mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
