/* noise_stranger_test.c -- Noise with somebody else: noise_stranger.js speaks the other side, by
 * another implementation of handshakes, ciphers, hashes and the curve. Both roles, with and without
 * a psk, and some messages behind the handshake.
 *
 * The packages are installed by npm, once, into $B/npm. Without node, npm or a registry there is
 * nobody to speak with: then it is skipped.
 */
#define _GNU_SOURCE
#include "test.h"

#include "crypto/noise.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACKAGES  "noise-handshake@4.2.0 sodium-javascript@0.8.0"
#define PROLOGUE  "as it was told before"
#define PSK       "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define THEIRS    "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60"
#define EXCHANGES 20

static char folder[256];

/* What came of it, as a status of the shell. */
static int try_to_install(void)
{
    const char *build = getenv("B");
    char        command[1024];
    FILE       *shell;

    snprintf(folder, sizeof folder, "%s/npm", build == NULL ? "build" : build);
    snprintf(command, sizeof command,
             "command -v node >/dev/null || exit 9; command -v npm >/dev/null || exit 8; "
             "folder='%s'; mkdir -p \"$folder\" && cd \"$folder\" || exit 1; [ -e '" PACKAGES
             "' ] && exit 0; "
             "npm install --prefix . --ignore-scripts --no-audit --no-fund --no-update-notifier "
             "--fetch-retries=0 --fetch-timeout=20000 " PACKAGES " >log 2>&1 && touch '" PACKAGES
             "' || exit 7",
             folder);
    shell = popen(command, "r");
    CHECK(shell != NULL);
    return pclose(shell);
}

/* SKIP where they cannot be had. */
static void install(void)
{
    static int  status;
    static bool tried;

    if (!tried)
        status = try_to_install();
    tried = true;
    switch (status) {
    case 0: break;
    case 9 << 8: SKIP("there is no node, which runs the other side (package nodejs)"); break;
    case 8 << 8: SKIP("there is no npm, which installs the other side (package npm)"); break;
    case 7 << 8: SKIP("npm cannot install " PACKAGES " ($B/npm/log says why)"); break;
    default: EQ_INT(status, 0); break;
    }
}

/* ---- the other side -------------------------------------------------------------------------- */

typedef struct stranger {
    pid_t pid;
    int   line;
} stranger;

static stranger start(const char *role, const char *pattern, const char *psk)
{
    stranger s;
    int      lines[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines) == 0);
    s.pid = fork();
    CHECK(s.pid >= 0);
    if (s.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(lines[1], 0) == 0 && dup2(lines[1], 1) == 1)
            execlp("node", "node", "tests/wire/noise_stranger.js", folder, role, pattern, THEIRS,
                   PROLOGUE, psk, (char *)NULL);
        _exit(1);
    }
    close(lines[1]);
    s.line = lines[0];
    return s;
}

static void end(stranger *s)
{
    int status = -1;

    CHECK(shutdown(s->line, SHUT_WR) == 0);
    CHECK(waitpid(s->pid, &status, 0) == s->pid);
    EQ_INT(status, 0);
    close(s->line);
}

static void say(const stranger *s, const uint8_t *message, size_t size)
{
    const uint8_t head[2] = {(uint8_t)size, (uint8_t)(size >> 8)};

    CHECK(send(s->line, head, sizeof head, MSG_NOSIGNAL) == 2);
    CHECK(send(s->line, message, size, MSG_NOSIGNAL) == (ssize_t)size);
}

static size_t hear(const stranger *s, uint8_t *ret)
{
    uint8_t head[2];
    size_t  size;

    CHECK(recv(s->line, head, sizeof head, MSG_WAITALL) == 2);
    size = head[0] | (size_t)head[1] << 8;
    CHECK(recv(s->line, ret, size, MSG_WAITALL) == (ssize_t)size);
    return size;
}

/* ---- conversations --------------------------------------------------------------------------- */

static void from_hex(const char *hex, uint8_t ret[32])
{
    for (size_t i = 0; i < 32; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        ret[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static const uint8_t ours[32] = {[0] = 8, [7] = 77, [31] = 64};

static void begin(kmi_noise *n, bool initiator, const char *pattern, const char *psk)
{
    uint8_t           ephemeral[32], shared[32];
    kmi_noise_options options = {.pattern = pattern,
                                 .hash = KMI_NOISE_BLAKE2B,
                                 .initiator = initiator,
                                 .prologue = (const uint8_t *)PROLOGUE,
                                 .prologue_size = strlen(PROLOGUE),
                                 .secret = ours,
                                 .ephemeral = ephemeral};

    for (size_t i = 0; i < sizeof ephemeral; i++)
        ephemeral[i] = (uint8_t)test_random();
    if (psk != NULL) {
        from_hex(psk, shared);
        options.psks[0] = shared;
    }
    CHECK(kmi_noise_init(n, &options));
}

static void shake_hands(const stranger *s, kmi_noise *n)
{
    uint8_t message[512], payload[512];
    char    words[32];

    for (unsigned turn = 0; !kmi_noise_is_over(n); turn++) {
        const size_t overhead = kmi_noise_overhead(n);
        const size_t size = (size_t)snprintf(words, sizeof words, "message %u", turn);
        if (kmi_noise_writes_next(n)) {
            CHECK(kmi_noise_write(n, (const uint8_t *)words, size, message));
            say(s, message, size + overhead);
        } else {
            const size_t heard = hear(s, message);
            CHECK(kmi_noise_read(n, message, heard, payload));
            EQ_MEM(payload, heard - overhead, words, size);
        }
    }
}

/* Both have the same hash, and each the key of the other. */
static void compare(const stranger *s, kmi_noise *n, kmi_cipher *ret_out, kmi_cipher *ret_in)
{
    uint8_t theirs[32], key[32], hash[KMI_HASH_MAX], said[512], plain[512];
    size_t  size;

    from_hex(THEIRS, theirs);
    kmi_noise_public(theirs, key);
    CHECK(n->has_remote);
    EQ_MEM(n->remote, 32, key, 32);
    kmi_noise_split(n, ret_out, ret_in, hash);
    size = hear(s, said);
    EQ_UINT(size, sizeof hash + 32 + KMI_TAG_SIZE);
    CHECK(kmi_cipher_open(ret_in, NULL, 0, said, size, plain));
    EQ_MEM(plain, sizeof hash, hash, sizeof hash);
    kmi_noise_public(ours, key);
    EQ_MEM(plain + sizeof hash, 32, key, 32);
}

/* Some text there, and back in the reverse order. */
static void exchange(const stranger *s, kmi_cipher *out, kmi_cipher *in, size_t size)
{
    static uint8_t said[KMI_NOISE_MAX], sealed[KMI_NOISE_MAX], heard[KMI_NOISE_MAX];

    for (size_t i = 0; i < size; i++)
        said[i] = (uint8_t)test_random();
    CHECK(kmi_cipher_seal(out, NULL, 0, said, size, sealed));
    say(s, sealed, size + KMI_TAG_SIZE);
    EQ_UINT(hear(s, sealed), size + KMI_TAG_SIZE);
    CHECK(kmi_cipher_open(in, NULL, 0, sealed, size + KMI_TAG_SIZE, heard));
    for (size_t i = 0; i < size; i++)
        EQ_UINT(heard[i], said[size - 1 - i]);
}

static void converse(bool initiator, const char *pattern, const char *psk)
{
    stranger   s;
    kmi_noise  n;
    kmi_cipher out, in;

    install();
    s = start(initiator ? "responder" : "initiator", pattern, psk);
    begin(&n, initiator, pattern, psk);
    shake_hands(&s, &n);
    compare(&s, &n, &out, &in);
    for (unsigned i = 0; i < EXCHANGES; i++)
        exchange(&s, &out, &in, i < 4 ? i : test_random() % 2000);
    exchange(&s, &out, &in, KMI_NOISE_MAX - KMI_TAG_SIZE);
    end(&s);
}

TEST(a_stranger_answers_xx)
{
    converse(true, "XX", NULL);
}

TEST(a_stranger_begins_xx)
{
    converse(false, "XX", NULL);
}

TEST(a_stranger_answers_xxpsk0)
{
    converse(true, "XXpsk0", PSK);
}

TEST(a_stranger_begins_xxpsk0)
{
    converse(false, "XXpsk0", PSK);
}
