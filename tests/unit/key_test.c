/* key_test.c -- keys as text, and the files of a host and of a cluster that have a secret in them.
 */
#define _GNU_SOURCE
#include "files.h"

#include "crypto/key.h"
#include "crypto/key_text.h"

/* The bytes 0 to 31, as RFC 4648 and BLAKE2b say that they are written. */
#define COUNTED "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp5wd42"

/* The secret 9 and 31 zeros, and its public key: RFC 7748, section 5.2, after one iteration. */
#define NINE_SECRET  "beaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaocr5j"
#define NINE_CLUSTER "beaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeokbb"
static const uint8_t nine_public[32] = {
    0x42, 0x2c, 0x8e, 0x7a, 0x62, 0x27, 0xd7, 0xbc, 0xa1, 0x35, 0x0b, 0x3e, 0x2b, 0xb7, 0x27, 0x9f,
    0x78, 0x97, 0xb8, 0x7b, 0xb6, 0x85, 0x4b, 0x78, 0x3c, 0x60, 0xe8, 0x03, 0x11, 0xae, 0x30, 0x79};

static kmsg_key counted_key(void)
{
    kmsg_key key;

    for (uint8_t i = 0; i < 32; i++)
        key.bytes[i] = i;
    return key;
}

static bool parses(const char *text)
{
    kmsg_key key, counted = counted_key();

    return kmsg_key_parse(text, &key) == KMSG_OK && memcmp(&key, &counted, sizeof key) == 0;
}

static void is_refused(const char *text, const char *words)
{
    kmsg_key key, before;

    memset(&key, 0x5a, sizeof key);
    before = key;
    test_at("%s", text);
    FAILS(kmsg_key_parse(text, &key), KMSG_EINVAL);
    HAS(kmsg_last_error(), words);
    EQ_MEM(&key, sizeof key, &before, sizeof before);
}

/* ---- text ------------------------------------------------------------------------------------ */

TEST(a_key_is_56_letters_as_anybody_else_would_compute_them)
{
    kmsg_key key = counted_key();
    char     text[KMSG_KEY_TEXT];

    kmsg_key_print(&key, text);
    EQ_STR(text, COUNTED);
}

TEST(a_key_is_read_in_either_case_and_with_hyphens)
{
    CHECK(parses(COUNTED));
    CHECK(parses("AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYP5WD42"));
    CHECK(parses("aaaqeaye-audaocaj-bifqydio-B4IBCEQT-cqkrmfyy-denbwha5-dyp5wd42"));
    CHECK(parses("--a-aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp5wd42-"));
}

TEST(any_key_comes_back)
{
    test_seed(7);
    for (int i = 0; i < 500; i++) {
        kmsg_key key, back;
        char     text[KMSG_KEY_TEXT];
        for (size_t k = 0; k < sizeof key.bytes; k++)
            key.bytes[k] = (uint8_t)(i < 2 ? -i : (int)(test_random() & 255));
        kmsg_key_print(&key, text);
        EQ_UINT(strlen(text), 56);
        OK(kmsg_key_parse(text, &back));
        EQ_MEM(&back, sizeof back, &key, sizeof key);
    }
}

TEST(each_letter_that_is_mistyped_is_noticed)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

    for (size_t i = 0; i < 56; i++)
        for (size_t k = 0; k < 32; k++) {
            char text[] = COUNTED;
            if (text[i] == letters[k])
                continue;
            text[i] = letters[k];
            is_refused(text, "mistyped: the checksum is wrong");
        }
}

TEST(two_letters_that_have_changed_places_are_noticed)
{
    for (size_t i = 0; i + 1 < 56; i++) {
        char text[] = COUNTED;
        if (text[i] == text[i + 1])
            continue;
        text[i] = text[i + 1];
        text[i + 1] = COUNTED[i];
        is_refused(text, "mistyped");
    }
}

TEST(what_is_no_key_is_refused_with_words)
{
    char long_text[1000];

    is_refused("", "56 letters");
    is_refused("-", "56 letters");
    is_refused("london", "56 letters");
    is_refused("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp5wd4", "56 letters");
    is_refused(COUNTED "a", "56 letters");
    is_refused(COUNTED " ", "56 letters");
    for (int c = 1; c < 256; c++) {
        char text[] = COUNTED;
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
        text[9] = (char)c;
        if (!is_letter && c != '-')
            is_refused(text, "only a to z and 2 to 7");
    }
    memset(long_text, '-', sizeof long_text);
    memcpy(long_text + sizeof long_text - sizeof COUNTED, COUNTED, sizeof COUNTED);
    is_refused(long_text, "56 letters");
}

TEST(a_secret_is_not_taken_for_a_key_and_not_repeated)
{
    is_refused(NINE_SECRET, "this is a secret");
    CHECK(strstr(kmsg_last_error(), NINE_SECRET) == NULL);
    is_refused(NINE_CLUSTER, "this is a secret");
}

/* ---- where the files are --------------------------------------------------------------------- */

static void path_is(const char *wanted)
{
    char path[KMI_KEY_PATH_MAX];

    OK(kmi_key_path(NULL, "trusted", path));
    EQ_STR(path, wanted);
}

TEST(the_folder_is_that_of_the_first_variable_that_says_one)
{
    setenv("KMSG_HOME", "/srv/kmsg", 1);
    setenv("XDG_CONFIG_HOME", "/home/ada/.conf", 1);
    setenv("HOME", "/home/ada", 1);
    path_is("/srv/kmsg/trusted");
    setenv("KMSG_HOME", "", 1);
    path_is("/home/ada/.conf/kmsg/trusted");
    setenv("XDG_CONFIG_HOME", "conf", 1);
    path_is("/home/ada/.config/kmsg/trusted");
    unsetenv("KMSG_HOME");
    unsetenv("XDG_CONFIG_HOME");
    path_is("/home/ada/.config/kmsg/trusted");
}

TEST(without_a_home_it_says_what_to_set)
{
    char path[KMI_KEY_PATH_MAX] = "as it was", folder[KMI_KEY_PATH_MAX + 1];

    unsetenv("HOME");
    FAILS(kmi_key_path(NULL, "key", path), KMSG_EKEY);
    HAS(kmsg_last_error(), "KMSG_HOME");
    FAILS(kmi_key_path("", "key", path), KMSG_EKEY);
    memset(folder, 'x', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    FAILS(kmi_key_path(folder, "key", path), KMSG_EKEY);
    HAS(kmsg_last_error(), "too long");
    EQ_STR(path, "as it was");
    folder[KMI_KEY_PATH_MAX - 4] = '\0';
    FAILS(kmi_key_path(folder, "key", path), KMSG_EKEY);
    folder[KMI_KEY_PATH_MAX - 5] = '\0';
    OK(kmi_key_path(folder, "key", path));
    EQ_UINT(strlen(path), KMI_KEY_PATH_MAX - 1);
    OK(kmi_key_path("/etc/kmsg", "cluster", path));
    EQ_STR(path, "/etc/kmsg/cluster");
}

/* ---- a host's key ---------------------------------------------------------------------------- */

static void is_unfit(const char *name, const char *words)
{
    uint8_t  secret[32] = {1}, before[32] = {1};
    kmsg_key key;

    FAILS(kmi_key_load(files_path(name), secret, &key), KMSG_EKEY);
    HAS(kmsg_last_error(), files_path(name));
    HAS(kmsg_last_error(), words);
    EQ_MEM(secret, sizeof secret, before, sizeof before);
}

static void is_unfit_folder(const char *words)
{
    uint8_t  secret[32];
    kmsg_key key;

    FAILS(kmi_key_load(files_path("key"), secret, &key), KMSG_EKEY);
    HAS(kmsg_last_error(), files_folder);
    HAS(kmsg_last_error(), words);
}

TEST(a_new_key_is_in_a_file_that_only_its_owner_can_read_in_a_folder_of_his_own)
{
    uint8_t  secret[32];
    kmsg_key made, read;
    char     text[KMSG_KEY_TEXT];
    mode_t   mask = umask(0);

    files_begin();
    OK(kmi_key_new(files_path("a/b/key"), &made));
    umask(mask);
    EQ_UINT(files_mode("a"), 0700);
    EQ_UINT(files_mode("a/b"), 0700);
    EQ_UINT(files_mode("a/b/key"), 0600);
    EQ_UINT(files_in(files_path("a/b")), 1);
    OK(kmi_key_load(files_path("a/b/key"), secret, &read));
    EQ_MEM(&read, sizeof read, &made, sizeof made);
    kmsg_key_print(&made, text);
    HAS(files_get("a/b/key"), text);
    kmi_key_as_text(KMI_KIND_SECRET, secret, text);
    HAS(files_get("a/b/key"), text);
    files_end();
}

TEST(two_keys_are_not_the_same)
{
    kmsg_key one, two;

    files_begin();
    OK(kmi_key_new(files_path("one"), &one));
    OK(kmi_key_new(files_path("two"), &two));
    CHECK(memcmp(&one, &two, sizeof one) != 0);
    files_end();
}

TEST(a_key_is_never_overwritten)
{
    kmsg_key key;

    files_begin();
    files_put("key", "anything");
    FAILS(kmi_key_new(files_path("key"), &key), KMSG_EEXIST);
    HAS(kmsg_last_error(), files_path("key"));
    EQ_STR(files_get("key"), "anything");
    EQ_UINT(files_in(files_folder), 1);
    files_end();
}

TEST(a_key_that_cannot_be_written_leaves_nothing_behind)
{
    kmsg_key key;

    files_begin();
    files_put("file", "");
    FAILS(kmi_key_new(files_path("file/key"), &key), KMSG_ESYSTEM);
    HAS(kmsg_last_error(), files_path("file/key"));
    EQ_UINT(files_in(files_folder), 1);
    files_end();
}

TEST(the_public_key_is_that_of_the_secret)
{
    uint8_t  secret[32], nine[32] = {9};
    kmsg_key key;

    files_begin();
    files_put("key", "# a comment\n\n  secret\t" NINE_SECRET " \r\n");
    OK(kmi_key_load(files_path("key"), secret, &key));
    EQ_MEM(secret, sizeof secret, nine, sizeof nine);
    EQ_MEM(&key, sizeof key, nine_public, sizeof nine_public);
    files_put("key", "secret " NINE_SECRET);
    OK(kmi_key_load(files_path("key"), secret, &key));
    files_end();
}

TEST(a_key_that_is_not_there_says_how_to_make_one)
{
    files_begin();
    is_unfit("key", "there is no key at ");
    is_unfit("none/key", "make one with `kmsg key new`");
    files_end();
}

TEST(a_key_that_others_can_read_is_refused_with_the_command_that_mends_it)
{
    static const mode_t bad[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666, 0777};
    uint8_t             secret[32];
    kmsg_key            key;

    files_begin();
    files_put("key", "secret " NINE_SECRET "\n");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char words[700];
        test_at("mode %o", (unsigned)bad[i]);
        CHECK(chmod(files_path("key"), bad[i]) == 0);
        snprintf(words, sizeof words, "(mode %04o): chmod 600 %s", (unsigned)bad[i],
                 files_path("key"));
        is_unfit("key", words);
    }
    CHECK(chmod(files_path("key"), 0400) == 0);
    OK(kmi_key_load(files_path("key"), secret, &key));
    files_end();
}

TEST(a_folder_that_others_may_write_is_refused_whether_there_is_a_file_or_not)
{
    uint8_t     secret[32];
    kmsg_key    key;
    kmi_cluster cluster;

    files_begin();
    files_put("key", "secret " NINE_SECRET "\n");
    CHECK(chmod(files_folder, 0770) == 0);
    is_unfit_folder("(mode 0770): chmod go-w ");
    CHECK(chmod(files_folder, 0702) == 0);
    is_unfit_folder("(mode 0702): chmod go-w ");
    FAILS(kmi_cluster_load(files_path("cluster"), secret, &cluster), KMSG_EKEY);
    HAS(kmsg_last_error(), "others can change what is in this folder");
    CHECK(chmod(files_folder, 01777) == 0); /* as /tmp: others cannot take our files away */
    OK(kmi_key_load(files_path("key"), secret, &key));
    OK(kmi_cluster_load(files_path("cluster"), secret, &cluster));
    CHECK(chmod(files_folder, 0755) == 0);
    OK(kmi_key_load(files_path("key"), secret, &key));
    files_end();
}

TEST(a_key_of_another_user_is_refused_and_one_of_root_is_not)
{
    uint8_t  secret[32];
    kmsg_key key;

    if (geteuid() != 0)
        SKIP("only root can give a file to another user");
    files_begin();
    files_put("key", "secret " NINE_SECRET "\n");
    CHECK(chown(files_path("key"), 4711, (gid_t)-1) == 0);
    is_unfit("key", "another user (uid 4711)");
    CHECK(chown(files_folder, 4712, (gid_t)-1) == 0);
    CHECK(seteuid(4712) == 0);
    is_unfit("key", "this user (uid 4712) may not read it");
    CHECK(seteuid(0) == 0);
    CHECK(chown(files_path("key"), 0, (gid_t)-1) == 0);
    is_unfit_folder("this folder belongs to another user (uid 4712)");
    CHECK(chown(files_folder, 0, (gid_t)-1) == 0);
    OK(kmi_key_load(files_path("key"), secret, &key));
    files_end();
}

TEST(what_is_no_file_is_refused_and_nobody_waits_for_it)
{
    files_begin();
    CHECK(mkdir(files_path("folder"), 0700) == 0);
    CHECK(mkfifo(files_path("fifo"), 0600) == 0);
    is_unfit("folder", "not a regular file");
    is_unfit("fifo", "not a regular file");
    files_put("file", "");
    is_unfit("file/key", "Not a directory");
    files_end();
}

TEST(a_link_is_followed_and_what_it_leads_to_is_looked_at)
{
    uint8_t  secret[32];
    kmsg_key key;
    char     to[600];

    files_begin();
    files_put("real", "secret " NINE_SECRET "\n");
    snprintf(to, sizeof to, "%s", files_path("real"));
    CHECK(symlink(to, files_path("key")) == 0);
    OK(kmi_key_load(files_path("key"), secret, &key));
    CHECK(chmod(to, 0644) == 0);
    is_unfit("key", "others can read");
    files_end();
}

TEST(what_is_no_key_file_is_refused_with_its_line_and_without_its_text)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"", "there is no secret in it"},
        {"# a comment\n", "there is no secret in it"},
        {"\nsecret\n", ":2: only `secret ..`"},
        {"secret " NINE_SECRET " more\n", ":1: only `secret ..`"},
        {"cluster east\nsecret " NINE_SECRET "\n", ":1: only `secret ..`"},
        {"secret " NINE_SECRET "\nsecret " NINE_SECRET "\n", ":2: there is a secret already"},
        {"secret " NINE_CLUSTER "\n", ":1: the secret is mistyped, or that of another file"},
        {"secret " COUNTED "\n", ":1: the secret is mistyped, or that of another file"},
        {"secret abc\n", ":1: the secret is damaged"},
        {"secret 0" NINE_SECRET "\n", ":1: the secret is damaged"},
        {NINE_SECRET "\n", ":1: only `secret ..`"},
    };

    files_begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_at("%s", bad[i].text);
        files_put("key", bad[i].text);
        is_unfit("key", bad[i].words);
        CHECK(strstr(kmsg_last_error(), "beaaaa") == NULL);
    }
    files_put_bytes("key", "secret \0", 8);
    is_unfit("key", "zero bytes");
    files_end();
}

TEST(a_key_file_has_a_limit)
{
    uint8_t  secret[32];
    kmsg_key key;
    char     text[4097];
    size_t   size = strlen("secret " NINE_SECRET "\n");

    files_begin();
    memset(text, ' ', sizeof text);
    memcpy(text, "secret " NINE_SECRET "\n", size);
    files_put_bytes("key", text, sizeof text - 1);
    OK(kmi_key_load(files_path("key"), secret, &key));
    files_put_bytes("key", text, sizeof text);
    is_unfit("key", "larger than 4096 bytes");
    files_end();
}

/* ---- a cluster ------------------------------------------------------------------------------- */

static void cluster_is_unfit(const char *text, const char *words)
{
    uint8_t     secret[32];
    kmi_cluster cluster;

    test_at("%s", text);
    files_put("cluster", text);
    FAILS(kmi_cluster_load(files_path("cluster"), secret, &cluster), KMSG_EKEY);
    HAS(kmsg_last_error(), files_path("cluster"));
    HAS(kmsg_last_error(), words);
}

TEST(a_cluster_has_a_name_and_a_secret_that_is_another_one_each_time)
{
    uint8_t     one[32], two[32], none[32] = {0};
    kmi_cluster cluster;

    files_begin();
    OK(kmi_cluster_new(files_path("one"), "east"));
    OK(kmi_cluster_new(files_path("two"), "west"));
    EQ_UINT(files_mode("one"), 0600);
    OK(kmi_cluster_load(files_path("two"), two, &cluster));
    EQ_STR(cluster.name, "west");
    OK(kmi_cluster_load(files_path("one"), one, &cluster));
    EQ_STR(cluster.name, "east");
    CHECK(cluster.is_there);
    CHECK(memcmp(one, two, sizeof one) != 0);
    CHECK(memcmp(one, none, sizeof one) != 0);
    FAILS(kmi_cluster_new(files_path("one"), "east"), KMSG_EEXIST);
    files_end();
}

TEST(without_a_file_there_is_no_cluster)
{
    uint8_t     secret[32] = {1}, zeros[32] = {0};
    kmi_cluster cluster = {.name = "east", .is_there = true};

    files_begin();
    OK(kmi_cluster_load(files_path("cluster"), secret, &cluster));
    CHECK(!cluster.is_there);
    EQ_STR(cluster.name, "");
    EQ_MEM(secret, sizeof secret, zeros, sizeof zeros);
    files_end();
}

TEST(a_cluster_file_that_is_not_one_is_refused)
{
    uint8_t     secret[32];
    kmi_cluster cluster;

    files_begin();
    cluster_is_unfit("secret " NINE_CLUSTER "\n", "the line `cluster NAME` is missing");
    cluster_is_unfit("cluster east\n", "there is no secret in it");
    cluster_is_unfit("cluster a\ncluster b\nsecret " NINE_CLUSTER "\n", ":2: there is a name");
    cluster_is_unfit("cluster a=b\nsecret " NINE_CLUSTER "\n", ":1: a cluster's name");
    cluster_is_unfit("cluster a\nsecret " NINE_SECRET "\n", ":2: the secret is mistyped");
    CHECK(chmod(files_path("cluster"), 0640) == 0);
    cluster_is_unfit("cluster east\nsecret " NINE_CLUSTER "\n", "others can read");
    CHECK(chmod(files_path("cluster"), 0600) == 0);
    OK(kmi_cluster_load(files_path("cluster"), secret, &cluster));
    files_end();
}

TEST(names_of_clusters_have_63_letters_at_most)
{
    char        name[65];
    uint8_t     secret[32];
    kmi_cluster cluster;

    files_begin();
    memset(name, 'x', sizeof name);
    name[64] = '\0';
    FAILS(kmi_cluster_new(files_path("cluster"), name), KMSG_EKEY);
    FAILS(kmi_cluster_new(files_path("cluster"), ""), KMSG_EKEY);
    FAILS(kmi_cluster_new(files_path("cluster"), "a b"), KMSG_EKEY);
    FAILS(kmi_cluster_new(files_path("cluster"), "a\nb"), KMSG_EKEY);
    EQ_UINT(files_in(files_folder), 0);
    name[63] = '\0';
    OK(kmi_cluster_new(files_path("cluster"), name));
    OK(kmi_cluster_load(files_path("cluster"), secret, &cluster));
    EQ_STR(cluster.name, name);
    files_end();
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t left_to_give;

static void *limited(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return left_to_give == 0 ? NULL : (left_to_give--, realloc(old, size));
}

/* With so much memory; what came of each. */
static void work(size_t allocations, kmsg_err ret[4])
{
    uint8_t     secret[32];
    kmsg_key    key;
    kmi_cluster cluster;

    kmsg_set_allocator((kmsg_allocator){limited, NULL});
    left_to_give = allocations;
    ret[0] = kmi_key_new(files_path("key"), &key);
    ret[1] = kmi_cluster_new(files_path("cluster"), "east");
    ret[2] = kmi_key_load(files_path("a"), secret, &key);
    ret[3] = kmi_cluster_load(files_path("b"), secret, &cluster);
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
}

TEST(without_memory_nothing_is_made_and_nothing_read)
{
    kmsg_err errs[4];

    files_begin();
    files_put("a", "secret " NINE_SECRET "\n");
    files_put("b", "cluster east\nsecret " NINE_CLUSTER "\n");
    work(0, errs);
    for (size_t i = 0; i < 4; i++)
        FAILS(errs[i], KMSG_ENOMEM);
    EQ_UINT(files_in(files_folder), 2);
    work(4, errs);
    for (size_t i = 0; i < 4; i++)
        OK(errs[i]);
    EQ_UINT(files_in(files_folder), 4);
    files_end();
}
