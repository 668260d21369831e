/* noise_test.c -- Noise says, byte for byte, what others say: public test vectors.
 *
 * Two are here. All others are read from a folder of JSON files, $KMSG_NOISE_VECTORS or
 * ../shared/noise-vectors, where there is one: those of cacophony, snow, noise-c and flynn/noise
 * for ChaChaPoly with BLAKE2b and SHA256. Each is played by both roles: what is written has to be
 * what the vector says, and what is read the payload.
 */
#include "handshake.h"

#include <jansson.h>
#include <unistd.h>

/* ---- one vector ------------------------------------------------------------------------------ */

typedef struct play {
    kmi_noise  noise[2];
    kmi_cipher out[2], in[2];
    bool       is_over;
} play;

static void shake_hands(play *p, const said *m)
{
    kmi_noise   *from = &p->noise[m->from], *to = &p->noise[!m->from];
    uint8_t      sealed[MESSAGE_MAX], plain[MESSAGE_MAX];
    const size_t overhead = kmi_noise_overhead(from);

    CHECK(kmi_noise_writes_next(from) && !kmi_noise_writes_next(to));
    EQ_UINT(m->payload.size + overhead, m->sealed.size);
    EQ_UINT(kmi_noise_overhead(to), overhead);
    CHECK(kmi_noise_write(from, m->payload.data, m->payload.size, sealed));
    EQ_MEM(sealed, m->sealed.size, m->sealed.data, m->sealed.size);
    CHECK(kmi_noise_read(to, sealed, m->sealed.size, plain));
    EQ_MEM(plain, m->payload.size, m->payload.data, m->payload.size);
}

/* What each side knows of the other is the key that he has. */
static void compare_keys(const play *p, const vector *v, int side)
{
    uint8_t remote[32];

    CHECK(kmi_noise_is_over(&p->noise[side]));
    CHECK(p->noise[side].has_remote == (v->pattern[!side] != 'N'));
    if (!p->noise[side].has_remote)
        return;
    kmi_noise_public(v->sides[!side].secret.data, remote);
    EQ_MEM(p->noise[side].remote, 32, remote, 32);
}

static void end_handshake(play *p, const vector *v)
{
    const size_t size = v->hash == KMI_NOISE_BLAKE2B ? 64 : 32;
    uint8_t      hashes[2][KMI_HASH_MAX];

    for (int side = 0; side < 2; side++) {
        compare_keys(p, v, side);
        kmi_noise_split(&p->noise[side], &p->out[side], &p->in[side], hashes[side]);
    }
    EQ_MEM(hashes[0], size, hashes[1], size);
    if (v->handshake_hash.is_there)
        EQ_MEM(hashes[0], size, v->handshake_hash.data, v->handshake_hash.size);
    p->is_over = true;
}

static void transport(play *p, const said *m)
{
    uint8_t sealed[MESSAGE_MAX], plain[MESSAGE_MAX];

    EQ_UINT(m->payload.size + KMI_TAG_SIZE, m->sealed.size);
    CHECK(kmi_cipher_seal(&p->out[m->from], NULL, 0, m->payload.data, m->payload.size, sealed));
    EQ_MEM(sealed, m->sealed.size, m->sealed.data, m->sealed.size);
    CHECK(kmi_cipher_open(&p->in[!m->from], NULL, 0, sealed, m->sealed.size, plain));
    EQ_MEM(plain, m->payload.size, m->payload.data, m->payload.size);
}

static void run(const vector *v)
{
    play p = {.is_over = false};

    begin_side(v, INITIATOR, &p.noise[INITIATOR]);
    begin_side(v, RESPONDER, &p.noise[RESPONDER]);
    for (size_t i = 0; i < v->count; i++) {
        if (!p.is_over)
            shake_hands(&p, &v->messages[i]);
        else
            transport(&p, &v->messages[i]);
        if (!p.is_over && kmi_noise_is_over(&p.noise[INITIATOR]))
            end_handshake(&p, v);
    }
    CHECK(p.is_over);
}

TEST(xx_says_what_a_public_vector_says)
{
    const vector v = example(false);

    run(&v);
}

TEST(xxpsk0_says_what_another_implementation_says)
{
    const vector v = example(true);

    run(&v);
}

/* ---- the folder ------------------------------------------------------------------------------ */

typedef struct source {
    const char *file;
    unsigned    count; /* of vectors that there are rows in our table for */
} source;

static const source sources[] = {
    {"cacophony-core.json", 8},
    {"cacophony-extra.json", 26},
    {"flynn-core.json", 32},
    {"generated-xxpsk0.json", 1},
    {"noise-c-basic-core.json", 6},
    {"noise-c-basic-extra.json", 10},
    {"snow-core.json", 6},
    {"snow-extra.json", 10},
    {"noise-c-fallback-extra.json", 0},
};

static const char *folder(void)
{
    const char *set = getenv("KMSG_NOISE_VECTORS");

    return set != NULL ? set : "../shared/noise-vectors";
}

static const char *text_at(json_t *object, const char *side, const char *name)
{
    char key[32];

    snprintf(key, sizeof key, "%s_%s", side, name);
    return json_string_value(json_object_get(object, key));
}

static person read_person(json_t *object, const char *side)
{
    char    key[16];
    json_t *psks;

    snprintf(key, sizeof key, "%s_psks", side);
    psks = json_object_get(object, key);
    CHECK(json_array_size(psks) <= 1);
    return (person){from_hex(text_at(object, side, "prologue")),
                    from_hex(text_at(object, side, "static")),
                    from_hex(text_at(object, side, "ephemeral")),
                    from_hex(json_string_value(json_array_get(psks, 0)))};
}

/* flynn's say who speaks; in the others they take turns, also behind the handshake. */
static int speaker(json_t *message, size_t index)
{
    const char *from = json_string_value(json_object_get(message, "from"));

    if (from == NULL)
        return index % 2 == 0 ? INITIATOR : RESPONDER;
    return strcmp(from, "init") == 0 ? INITIATOR : RESPONDER;
}

static void read_messages(json_t *list, vector *ret)
{
    ret->count = json_array_size(list);
    CHECK(ret->count >= 4 && ret->count <= MESSAGES_MAX);
    for (size_t i = 0; i < ret->count; i++) {
        json_t *m = json_array_get(list, i);
        ret->messages[i] =
            (said){speaker(m, i), from_hex(json_string_value(json_object_get(m, "payload"))),
                   from_hex(json_string_value(json_object_get(m, "ciphertext")))};
    }
}

/* Vectors say their names whole: Noise_PATTERN_25519_ChaChaPoly_HASH. */
static void read_vector(json_t *object, vector *ret)
{
    const char *name = json_string_value(json_object_get(object, "protocol_name"));
    char        hash[8];

    if (name == NULL)
        name = json_string_value(json_object_get(object, "name"));
    CHECK(name != NULL);
    test_at("%s", name);
    EQ_INT(sscanf(name, "Noise_%15[^_]_25519_ChaChaPoly_%7s", ret->pattern, hash), 2);
    CHECK(strcmp(hash, "BLAKE2b") == 0 || strcmp(hash, "SHA256") == 0);
    ret->hash = strcmp(hash, "SHA256") == 0 ? KMI_NOISE_SHA256 : KMI_NOISE_BLAKE2B;
    ret->sides[INITIATOR] = read_person(object, "init");
    ret->sides[RESPONDER] = read_person(object, "resp");
    ret->handshake_hash = from_hex(json_string_value(json_object_get(object, "handshake_hash")));
    read_messages(json_object_get(object, "messages"), ret);
}

static unsigned run_file(const char *file)
{
    char     path[512];
    unsigned count = 0;
    json_t  *top, *list;

    snprintf(path, sizeof path, "%s/%s", folder(), file);
    top = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    CHECK(top != NULL);
    list = json_object_get(top, "vectors");
    for (size_t i = 0; i < json_array_size(list); i++) {
        vector v = {.count = 0};
        read_vector(json_array_get(list, i), &v);
        if (strstr(v.pattern, "fallback") != NULL) /* there is no such row */
            continue;
        run(&v);
        count++;
    }
    json_decref(top);
    return count;
}

TEST(both_roles_say_what_all_public_vectors_say)
{
    if (access(folder(), R_OK) != 0)
        SKIP("there is no folder of vectors (KMSG_NOISE_VECTORS)");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        EQ_UINT(run_file(sources[i].file), sources[i].count);
}
