/* glob.c -- patterns of names.
 *
 * A pattern is made into a text of the same length or less, of *elements*: characters as they are,
 * marks for '?' and for sets. Names and patterns have no control characters, so these are the
 * marks. The runs are taken out: a bit for the position before which one may stand.
 *
 * It is compared with all positions side by side: a set of bits has those at which the pattern may
 * be after what has been seen of the name. A run keeps its position, an element that fits leads to
 * the one behind it. So nothing is ever tried twice, and the longest pattern and name take 255
 * times 255 steps, whatever is in them. Most names differ in their first or last bytes, which are
 * compared before anything else.
 */
#include "directory/glob.h"

#include "base/err.h"

#include <string.h>

enum { ONE = 1, SET, SET_OTHERS, SET_END, SET_TO }; /* the marks */

#define WORDS 4u

typedef struct reader {
    kmsg_string pattern;
    size_t      at;
} reader;

/* ---- characters ------------------------------------------------------------------------------ */

/* Bytes of the character that begins so; it is known to be whole. */
static size_t character(uint8_t first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* C0, DEL, and C1, which in UTF-8 is c2 80 to c2 9f. */
static bool is_control(const char *text)
{
    const uint8_t *s = (const uint8_t *)text;

    return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

static kmsg_err check(kmsg_string text, const char *what)
{
    if (text.size == 0)
        return kmi_error(KMSG_EINVAL, "a %s is not empty", what);
    if (text.size > KMI_GLOB_MAX)
        return kmi_error(KMSG_EINVAL, "a %s has %u bytes at most, and this one %zu", what,
                         KMI_GLOB_MAX, text.size);
    if (!kmsg_utf8_valid(text.data, text.size))
        return kmi_error(KMSG_EINVAL, "a %s is UTF-8, and this one is not", what);
    for (size_t at = 0; at < text.size; at += character((uint8_t)text.data[at]))
        if (is_control(text.data + at))
            return kmi_error(KMSG_EINVAL, "a %s has no control characters: byte %zu is 0x%02x",
                             what, at + 1, (uint8_t)text.data[at]);
    return KMSG_OK;
}

kmsg_err kmi_name_check(kmsg_string name)
{
    return check(name, "name");
}

/* ---- from a pattern to elements -------------------------------------------------------------- */

static kmsg_err wrong(const reader *r, size_t at, const char *why)
{
    return kmi_error(KMSG_EINVAL, "%.*s: byte %zu: %s", (int)r->pattern.size, r->pattern.data,
                     at + 1, why);
}

static bool is_at(const reader *r, char c)
{
    return r->at < r->pattern.size && r->pattern.data[r->at] == c;
}

static void put_mark(kmi_glob *glob, uint8_t mark)
{
    glob->text[glob->size++] = mark;
}

/* One character, which may stand behind a '\'. */
static kmsg_err put_character(reader *r, kmi_glob *glob)
{
    size_t size;

    if (is_at(r, '\\') && ++r->at == r->pattern.size)
        return wrong(r, r->at - 1, "nothing stands behind '\\'; for '\\' itself write '\\\\'");
    size = character((uint8_t)r->pattern.data[r->at]);
    memcpy(glob->text + glob->size, r->pattern.data + r->at, size);
    glob->size = (uint16_t)(glob->size + size);
    r->at += size;
    return KMSG_OK;
}

/* UTF-8 sorts as its code points do. */
static int order(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, character(*a) < character(*b) ? character(*a) : character(*b));
}

static bool is_range(const reader *r)
{
    return is_at(r, '-') && r->at + 1 < r->pattern.size && r->pattern.data[r->at + 1] != ']';
}

static kmsg_err put_end(reader *r, kmi_glob *glob)
{
    if (is_at(r, '/'))
        return wrong(r, r->at, "'/' stands for itself alone, and cannot be in [..]");
    return put_character(r, glob);
}

/* "a", or "a-f", in a set that has begun. */
static kmsg_err put_member(reader *r, kmi_glob *glob)
{
    size_t   low = glob->size, at = r->at, high;
    kmsg_err err = put_end(r, glob);

    if (err != KMSG_OK || !is_range(r))
        return err;
    r->at++;
    put_mark(glob, SET_TO);
    high = glob->size;
    err = put_end(r, glob);
    if (err == KMSG_OK && order(glob->text + low, glob->text + high) > 0)
        return wrong(r, at, "a range goes from the lesser to the greater character");
    return err;
}

static kmsg_err put_set(reader *r, kmi_glob *glob)
{
    size_t   begin = r->at++;
    kmsg_err err = KMSG_OK;
    bool     others = is_at(r, '!');

    if (others)
        r->at++;
    put_mark(glob, others ? SET_OTHERS : SET);
    if (is_at(r, ']'))
        return wrong(r, begin, "nothing is in [..]; ']' itself is '\\]'");
    while (err == KMSG_OK && r->at < r->pattern.size && !is_at(r, ']'))
        err = put_member(r, glob);
    if (err == KMSG_OK && !is_at(r, ']'))
        return wrong(r, begin, "'[' without ']'; '[' itself is '\\['");
    r->at++;
    put_mark(glob, SET_END);
    return err;
}

static void put_run(reader *r, kmi_glob *glob)
{
    uint64_t bit = UINT64_C(1) << glob->size % 64;
    size_t   begin = r->at;

    while (is_at(r, '*'))
        r->at++;
    glob->any[glob->size / 64] |= bit;
    if (r->at - begin > 1)
        glob->across[glob->size / 64] |= bit;
}

static kmsg_err put_element(reader *r, kmi_glob *glob)
{
    switch (r->pattern.data[r->at]) {
    case '*': put_run(r, glob); return KMSG_OK;
    case '?':
        r->at++;
        put_mark(glob, ONE);
        return KMSG_OK;
    case '[': return put_set(r, glob);
    default: return put_character(r, glob);
    }
}

static bool has_run(const kmi_glob *glob, size_t at)
{
    return (glob->any[at / 64] >> at % 64 & 1) != 0;
}

/* How far it is plain characters, without a run before them; and from where on, without one behind
 * them. */
static uint16_t prefix_of(const kmi_glob *glob)
{
    uint16_t size = 0;

    while (size < glob->size && glob->text[size] > SET_TO && !has_run(glob, size))
        size++;
    return size;
}

static uint16_t suffix_of(const kmi_glob *glob)
{
    uint16_t at = glob->size;

    while (at > 0 && glob->text[at - 1] > SET_TO && !has_run(glob, at))
        at--;
    return (uint16_t)(glob->size - at);
}

kmsg_err kmi_glob_init(kmi_glob *glob, kmsg_string pattern)
{
    reader   r = {.pattern = pattern};
    kmi_glob made = {.size = 0};
    kmsg_err err = check(pattern, "pattern");

    while (err == KMSG_OK && r.at < pattern.size)
        err = put_element(&r, &made);
    if (err != KMSG_OK)
        return err;
    made.prefix = prefix_of(&made);
    made.literal = made.prefix == made.size && !has_run(&made, made.size);
    made.suffix = made.literal ? 0 : suffix_of(&made);
    *glob = made;
    return KMSG_OK;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Is it in the set whose first member is at `s`? *ret_end is what stands behind the set. */
static bool is_member(const uint8_t *s, const uint8_t *c, const uint8_t **ret_end)
{
    bool found = false;

    while (*s != SET_END) {
        const uint8_t *low = s, *high = s;
        s += character(*s);
        if (*s == SET_TO) {
            high = s + 1;
            s += 1 + character(*high);
        }
        found = found || (order(low, c) <= 0 && order(c, high) <= 0);
    }
    *ret_end = s + 1;
    return found;
}

/* Does the element fit the character? *ret_next is the position behind the element. */
static bool fits(const kmi_glob *glob, size_t at, const uint8_t *c, size_t *ret_next)
{
    const uint8_t *e = glob->text + at, *end;
    bool           is_in;

    switch (*e) {
    case ONE: *ret_next = at + 1; return *c != '/';
    case SET:
    case SET_OTHERS:
        is_in = is_member(e + 1, c, &end);
        *ret_next = (size_t)(end - glob->text);
        return *c != '/' && is_in == (*e == SET);
    default: *ret_next = at + character(*e); return *e == *c && memcmp(e, c, character(*e)) == 0;
    }
}

/* Where the pattern may be after one more character. False: nowhere. */
static bool step(const kmi_glob *glob, const uint8_t *c, uint64_t at[WORDS])
{
    const uint64_t *stay = *c == '/' ? glob->across : glob->any;
    uint64_t        then[WORDS], some = 0;
    size_t          next;

    for (size_t w = 0; w < WORDS; w++)
        then[w] = at[w] & stay[w];
    for (size_t w = 0; w < WORDS; w++) {
        for (uint64_t left = at[w]; left != 0; left &= left - 1) {
            size_t position = w * 64 + (size_t)__builtin_ctzll(left);
            if (position < glob->size && fits(glob, position, c, &next))
                then[next / 64] |= UINT64_C(1) << next % 64;
        }
    }
    for (size_t w = 0; w < WORDS; w++)
        some |= at[w] = then[w];
    return some != 0;
}

bool kmi_glob_matches(const kmi_glob *glob, kmsg_string name)
{
    uint64_t at[WORDS] = {0};
    size_t   ends = (size_t)glob->prefix + glob->suffix;

    if (name.size < ends || name.size == 0 || name.size > KMI_GLOB_MAX ||
        memcmp(name.data, glob->text, glob->prefix) != 0 ||
        memcmp(name.data + name.size - glob->suffix, glob->text + glob->size - glob->suffix,
               glob->suffix) != 0)
        return false;
    if (glob->literal)
        return name.size == glob->size;
    at[glob->prefix / 64] = UINT64_C(1) << glob->prefix % 64;
    for (size_t i = glob->prefix; i < name.size; i += character((uint8_t)name.data[i]))
        if (!step(glob, (const uint8_t *)name.data + i, at))
            return false;
    return (at[glob->size / 64] >> glob->size % 64 & 1) != 0;
}
