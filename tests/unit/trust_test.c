/* trust_test.c -- whom we trust: what a file may say, when it is read again, how it is changed.
 *
 * A file that is written twice in a moment has to be seen to change: that is not left to the
 * system's clock, as each write here makes another text.
 */
#define _GNU_SOURCE
#include "files.h"

#include "base/err.h"
#include "crypto/file.h"
#include "crypto/trust.h"
#include "crypto/trust_line.h"
#include "crypto/trust_list.h"

#include <net/if.h>
#include <errno.h>
#include <sys/file.h>
#include <sys/wait.h>

static kmi_trust *trust;

static kmsg_key key_of(uint32_t number)
{
    kmsg_key key = {{0}};

    memcpy(key.bytes, &number, sizeof number);
    return key;
}

/* The same as text; good until the fourth call from now. */
static const char *text_of(uint32_t number)
{
    static char     texts[4][KMSG_KEY_TEXT];
    static unsigned next;
    kmsg_key        key = key_of(number);

    kmsg_key_print(&key, texts[++next % 4]);
    return texts[next % 4];
}

static void begin(void)
{
    files_begin();
    trust = kmi_trust_new(files_path("trusted"));
    CHECK(trust != NULL);
}

static void end(void)
{
    kmi_trust_free(trust);
    files_end();
}

/* Writes the file, of lines; in them, @1 is the key with the number 1. */
static void put(const char *lines)
{
    char   text[65536];
    size_t at = 0;

    for (; *lines != '\0'; lines++) {
        CHECK(at + KMSG_KEY_TEXT < sizeof text);
        if (*lines == '@') {
            memcpy(text + at, text_of((uint32_t)(*++lines - '0')), KMSG_KEY_TEXT);
            at += KMSG_KEY_TEXT - 1;
        } else {
            text[at++] = *lines;
        }
    }
    files_put_bytes("trusted", text, at);
}

static bool changed(void)
{
    bool is = false;

    OK(kmi_trust_refresh(trust, &is));
    return is;
}

static const kmi_trusted *find(uint32_t number)
{
    kmsg_key key = key_of(number);

    return kmi_trust_find(trust, &key);
}

static const char *name_of(uint32_t number)
{
    const kmi_trusted *item = find(number);

    return item == NULL ? "nobody" : item->name;
}

static const char *name_at(const char *place)
{
    const kmi_trusted *item = kmi_trust_find_at(trust, place);

    return item == NULL ? "nobody" : item->name;
}

/* The file trusts nobody, and these are the words. */
static void is_unfit(const char *words)
{
    bool is;

    FAILS(kmi_trust_refresh(trust, &is), KMSG_EKEY);
    HAS(kmsg_last_error(), files_path("trusted"));
    HAS(kmsg_last_error(), words);
    EQ_UINT(kmi_trust_count(trust), 0);
    EQ_STR(name_of(1), "nobody");
}

static kmsg_err add(uint32_t number, const char *name, const char *role, const char *at)
{
    kmi_trusted line = {
        .key = key_of(number),
        .name = name,
        .roles = &role,
        .role_count = role != NULL,
        .at = &at,
        .at_count = at != NULL,
    };

    return kmi_trust_add(trust, &line);
}

static kmsg_err take_out(uint32_t number)
{
    kmsg_key key = key_of(number);

    return kmi_trust_remove(trust, &key);
}

/* ---- what a file may say --------------------------------------------------------------------- */

TEST(a_line_has_a_key_a_name_roles_and_addresses)
{
    const kmi_trusted *item;
    kmsg_key           one = key_of(1);

    begin();
    put("# who may\n\n@1 london role=ops role=reader at=10.0.0.2:7000 at=db.example:1\n"
        "  @2\tparis\r\n");
    CHECK(changed());
    EQ_UINT(kmi_trust_count(trust), 2);
    item = find(1);
    EQ_PTR(item, kmi_trust_get(trust, 0));
    EQ_MEM(&item->key, sizeof item->key, &one, sizeof one);
    EQ_STR(item->name, "london");
    EQ_UINT(item->role_count, 2);
    EQ_STR(item->roles[0], "ops");
    EQ_STR(item->roles[1], "reader");
    EQ_UINT(item->at_count, 2);
    EQ_STR(item->at[0], "10.0.0.2:7000");
    EQ_STR(item->at[1], "db.example:1");
    EQ_STR(kmi_trust_get(trust, 1)->name, "paris");
    EQ_UINT(find(2)->role_count, 0);
    EQ_UINT(find(2)->at_count, 0);
    EQ_PTR(find(3), NULL);
    end();
}

TEST(a_missing_file_is_an_empty_list)
{
    begin();
    OK(kmi_trust_refresh(trust, &(bool){false}));
    EQ_UINT(kmi_trust_count(trust), 0);
    EQ_STR(name_of(1), "nobody");
    EQ_STR(name_at("10.0.0.2:7000"), "nobody");
    CHECK(!changed());
    put("");
    CHECK(!changed());
    end();
}

TEST(before_it_was_read_nobody_is_trusted)
{
    begin();
    put("@1 london\n");
    EQ_STR(name_of(1), "nobody");
    EQ_UINT(kmi_trust_count(trust), 0);
    end();
    kmi_trust_free(NULL);
}

TEST(what_is_not_understood_makes_the_whole_file_unfit_and_the_line_is_named)
{
    static const struct {
        const char *lines, *words;
    } bad[] = {
        {"@1 london\n@2 paris\n@3 rome rolle=ops\n", ":3: behind KEY NAME there are only"},
        {"@1 london role=ops admin\n", ":1: behind KEY NAME there are only"},
        {"@1 london # a note\n", ":1: behind KEY NAME there are only"},
        {"@1 london revoked role=ops\n", ":1: behind KEY NAME there are only"},
        {"@1 london ROLE=ops\n", ":1: behind KEY NAME there are only"},
        {"@1 london\nlondon @2\n", ":2: a line begins with a key: not a key"},
        {"@1 london\n\n\nb@2 paris\n", ":4: a line begins with a key: not a key"},
        {"@1\n", ":1: behind the key there is a name"},
        {"@1 role=ops\n", ":1: behind the key there is a name"},
        {"@1 #london\n", ":1: behind the key there is a name"},
        {"@1 l\303\266ndon\n", ":1: behind the key there is a name"},
        {"@1 london role=\n", ":1: a role has"},
        {"@1 london role=a=b\n", ":1: a role has"},
        {"@1 london role=ops role=ops\n", ":1: a role is there twice"},
        {"@1 london at=\n", ":1: at= wants HOST:PORT"},
        {"@1 london at=10.0.0.2\n", ":1: at= wants HOST:PORT"},
        {"@1 london at=10.0.0.2:0\n", ":1: at= wants HOST:PORT"},
        {"@1 london at=10.0.0.2:65536\n", ":1: at= wants HOST:PORT"},
        {"@1 london at=fe80::1:7000\n", ":1: at= wants HOST:PORT"},
        {"@1 london at=a:1 at=A:01\n", ":1: an address is there twice"},
        {"@1 london\n@2 paris\n# more\n@1 rome\n", ":4: this key is in line 1 already"},
        {"@2 london at=a:1\n@1 paris at=b:1 at=A:1\n", ":2: this address is in line 1 already"},
        {"@1 london\n@2 paris", ":2: the last line does not end with a newline"},
        {"# a note", ":1: the last line does not end with a newline"},
    };

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_at("%s", bad[i].lines);
        put(bad[i].lines);
        is_unfit(bad[i].words);
    }
    files_put_bytes("trusted", "#\n#\0\n", 5);
    is_unfit(":2: there is a zero byte");
    end();
}

TEST(what_is_no_key_is_not_repeated_as_it_might_be_a_secret)
{
    begin();
    files_put("trusted", "beaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaocr5j me\n");
    is_unfit(":1: a line begins with a key: this is a secret");
    CHECK(strstr(kmsg_last_error(), "beaaaa") == NULL);
    files_put("trusted", "secret beaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaocr5j\n");
    is_unfit(":1: a line begins with a key");
    CHECK(strstr(kmsg_last_error(), "beaaaa") == NULL);
    end();
}

/* A line for key 1 with so many roles and addresses, and a name and a role of so many letters. */
static void put_line(size_t roles, size_t places, int name)
{
    char   text[16384];
    size_t at = (size_t)snprintf(text, sizeof text, "%s %0*d", text_of(1), name, 7);

    for (size_t i = 0; i < roles; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " role=%0*zu", name, i);
    for (size_t i = 0; i < places; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " at=h%zu:7000", i);
    snprintf(text + at, sizeof text - at, "\n");
    files_put("trusted", text);
}

TEST(names_roles_and_addresses_have_limits)
{
    begin();
    put_line(32, 8, 63);
    CHECK(changed());
    EQ_UINT(find(1)->role_count, 32);
    EQ_UINT(find(1)->at_count, 8);
    EQ_UINT(strlen(find(1)->name), 63);
    put_line(33, 7, 63);
    is_unfit("32 roles at most");
    put_line(31, 9, 63);
    is_unfit("8 addresses at most");
    put_line(33, 8, 63);
    is_unfit("32 roles and 8 addresses at most");
    put_line(1, 1, 64);
    is_unfit("1 to 63 printable letters");
    put_line(0, 0, 63);
    CHECK(changed());
    end();
}

TEST(a_file_has_so_many_lines_and_bytes_and_no_more)
{
    size_t size = KMI_TRUST_FILE_MAX + 1, keys = KMI_TRUST_LINES_MAX;
    char  *text = malloc(size);

    CHECK(text != NULL);
    begin();
    for (size_t i = 0; i < keys; i++)
        snprintf(text + i * 64, 65, "%s %06zu\n", text_of((uint32_t)i), i);
    files_put_bytes("trusted", text, keys * 64);
    CHECK(changed());
    EQ_UINT(kmi_trust_count(trust), keys);
    for (uint32_t i = 0; i < keys; i++)
        EQ_PTR(find(i), kmi_trust_get(trust, i));
    EQ_PTR(find((uint32_t)keys), NULL);
    memcpy(text + keys * 64, "\n", 1);
    files_put_bytes("trusted", text, keys * 64 + 1);
    is_unfit("more than 100000 lines");
    memset(text, '#', size);
    text[size - 2] = '\n';
    files_put_bytes("trusted", text, size - 1);
    CHECK(changed());
    text[size - 2] = '#';
    text[size - 1] = '\n';
    files_put_bytes("trusted", text, size);
    is_unfit("16 MiB");
    end();
    free(text);
}

/* ---- addresses ------------------------------------------------------------------------------- */

TEST(addresses_are_the_same_in_any_of_their_forms)
{
    begin();
    put("@1 one at=10.0.0.2:7000\n@2 two at=[FE80:0:0::0:1]:07000\n@3 three at=DB.Example:80\n");
    CHECK(changed());
    EQ_STR(name_at("10.0.0.2:7000"), "one");
    EQ_STR(name_at("10.0.0.2:07000"), "one");
    EQ_STR(name_at("10.0.0.2:7001"), "nobody");
    EQ_STR(name_at("[fe80::1]:7000"), "two");
    EQ_STR(name_at("[fe80:0::0:1]:7000"), "two");
    EQ_STR(name_at("[fe80::2]:7000"), "nobody");
    EQ_STR(name_at("db.example:80"), "three");
    EQ_STR(name_at("dB.eXAMPLE:080"), "three");
    EQ_STR(name_at("db.example"), "nobody");
    EQ_STR(name_at(""), "nobody");
    EQ_STR(find(2)->at[0], "[fe80::1]:7000");
    end();
}

static void place_is(const char *text, const char *wanted)
{
    char ret[KMI_TRUST_PLACE_MAX] = "none";

    test_at("%s", text);
    EQ_INT(kmi_trust_place(text, ret), strcmp(wanted, "none") != 0);
    EQ_STR(ret, wanted);
}

TEST(an_address_is_a_host_and_a_port)
{
    char text[300], wanted[300];

    place_is("A-b_c.9:1", "a-b_c.9:1");
    place_is("a:65535", "a:65535");
    place_is("a:65536", "none");
    place_is("a:0", "none");
    place_is("a:", "none");
    place_is(":1", "none");
    place_is("a:+1", "none");
    place_is("a:1x", "none");
    place_is("a:000001", "none");
    place_is("a/b:1", "none");
    place_is("a b:1", "none");
    place_is("[]:1", "none");
    place_is("[1.2.3.4]:1", "none");
    place_is("[::1:1", "none");
    place_is("::1:1", "none");
    place_is("[::1]", "none");
    place_is("[::1]x:1", "none");
    place_is("[::FFFF:1.2.3.4]:1", "[::ffff:1.2.3.4]:1");
    place_is("[2001:db8:0000:0:0:0:0:1]:443", "[2001:db8::1]:443");
    place_is("[FE80::1%3]:1", "[fe80::1%3]:1");
    place_is("[fe80::1%no-such]:1", "[fe80::1%no-such]:1");
    place_is("[fe80::1%a%b]:1", "none");
    place_is("[fe80::1%longer-than-many]:1", "none");
    snprintf(wanted, sizeof wanted, "[fe80::1%%%u]:1", if_nametoindex("lo"));
    place_is("[fe80::1%lo]:1", wanted);
    snprintf(text, sizeof text, "%0255d:65535", 1);
    place_is(text, text);
    snprintf(wanted, sizeof wanted, "%0256d:1", 1);
    place_is(wanted, "none");
}

/* ---- a file that changes --------------------------------------------------------------------- */

TEST(a_file_that_has_changed_is_read_again)
{
    begin();
    put("@1 london\n");
    CHECK(changed());
    CHECK(!changed());
    put("@2 london\n");
    CHECK(changed());
    EQ_STR(name_of(1), "nobody");
    EQ_STR(name_of(2), "london");
    CHECK(unlink(files_path("trusted")) == 0);
    CHECK(changed());
    EQ_STR(name_of(2), "nobody");
    end();
}

TEST(a_change_right_after_reading_that_keeps_size_and_inode_is_seen)
{
    begin();
    for (int i = 0; i < 50; i++) {
        put(i % 2 == 0 ? "@1 london\n" : "@2 london\n");
        CHECK(changed());
        EQ_STR(name_of(i % 2 == 0 ? 1 : 2), "london");
        EQ_STR(name_of(i % 2 == 0 ? 2 : 1), "nobody");
    }
    end();
}

/* Back to a day long ago, so that the clock says nothing: what is left is which file it is. */
static void make_old(const char *name, time_t when)
{
    struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};

    CHECK(utimensat(AT_FDCWD, files_path(name), times, 0) == 0);
}

TEST(another_file_with_the_same_size_and_time_in_its_place_is_seen)
{
    char other[600];

    begin();
    put("@1 london\n");
    make_old("trusted", 1000000);
    CHECK(changed());
    snprintf(other, sizeof other, "%s", files_path("other"));
    CHECK(rename(files_path("trusted"), other) == 0);
    put("@2 london\n");
    make_old("trusted", 1000000);
    CHECK(changed());
    EQ_STR(name_of(2), "london");
    end();
}

TEST(a_file_that_was_only_touched_leaves_the_list_as_it_is)
{
    const kmi_trusted *item;

    begin();
    put("@1 london\n");
    CHECK(changed());
    item = find(1);
    make_old("trusted", 1000000);
    CHECK(!changed());
    EQ_PTR(find(1), item);
    end();
}

static char     said[2000];
static unsigned times_said;

static void hear(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    EQ_INT(level, KMSG_ERROR);
    snprintf(said, sizeof said, "%s", text);
    times_said++;
}

TEST(a_mistake_takes_trust_away_until_it_is_mended_and_is_said_once)
{
    bool is = false;

    begin();
    times_said = 0;
    kmsg_set_log(hear, NULL);
    put("@1 london\n");
    CHECK(changed());
    put("@1 london\nparis\n");
    FAILS(kmi_trust_refresh(trust, &is), KMSG_EKEY);
    CHECK(is);
    HAS(said, "nobody is trusted");
    HAS(said, ":2: a line begins with a key");
    for (int i = 0; i < 3; i++) {
        FAILS(kmi_error(KMSG_EINVAL, "other words"), KMSG_EINVAL);
        is_unfit(":2: a line begins with a key");
        FAILS(kmi_trust_refresh(trust, &is), KMSG_EKEY);
        CHECK(!is);
    }
    EQ_UINT(times_said, 1);
    make_old("trusted", 1000000);
    is_unfit(":2: a line begins with a key");
    is_unfit(":2: a line begins with a key");
    EQ_UINT(times_said, 2);
    put("@1 london\n");
    CHECK(changed());
    EQ_STR(name_of(1), "london");
    EQ_UINT(times_said, 2);
    kmsg_set_log(NULL, NULL);
    end();
}

TEST(a_file_that_others_may_write_is_refused_with_the_command_that_mends_it)
{
    static const mode_t bad[] = {0620, 0602, 0666, 0777};

    begin();
    put("@1 london\n");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char words[700];
        CHECK(chmod(files_path("trusted"), bad[i]) == 0);
        snprintf(words, sizeof words, "(mode %04o): chmod go-w %s", (unsigned)bad[i],
                 files_path("trusted"));
        is_unfit(words);
    }
    CHECK(chmod(files_path("trusted"), 0644) == 0);
    CHECK(changed());
    EQ_STR(name_of(1), "london");
    end();
}

TEST(a_file_of_another_user_is_refused)
{
    if (geteuid() != 0)
        SKIP("only root can give a file to another user");
    begin();
    put("@1 london\n");
    CHECK(chown(files_path("trusted"), 4711, (gid_t)-1) == 0);
    is_unfit("another user (uid 4711)");
    FAILS(add(2, "paris", NULL, NULL), KMSG_EKEY);
    end();
}

TEST(what_is_no_file_is_refused)
{
    begin();
    CHECK(mkfifo(files_path("trusted"), 0600) == 0);
    is_unfit("not a regular file");
    CHECK(unlink(files_path("trusted")) == 0);
    CHECK(mkdir(files_path("trusted"), 0700) == 0);
    is_unfit("not a regular file");
    end();
}

/* ---- changing it ----------------------------------------------------------------------------- */

TEST(what_is_added_is_trusted_and_comments_and_other_lines_stay_as_they_were)
{
    kmsg_key key = key_of(1);
    char     wanted[1000];

    begin();
    put("# mine\n\n   @1\tlondon\n");
    OK(add(2, "paris", "ops", "[FE80::0:1]:7000"));
    CHECK(changed());
    EQ_STR(name_of(1), "london");
    EQ_STR(name_at("[fe80::1]:7000"), "paris");
    snprintf(wanted, sizeof wanted,
             "# mine\n\n   %s\tlondon\n%s paris role=ops at=[fe80::1]:7000\n", text_of(1),
             text_of(2));
    EQ_STR(files_get("trusted"), wanted);
    OK(take_out(1));
    snprintf(wanted, sizeof wanted,
             "# mine\n\n%s london revoked\n%s paris role=ops at=[fe80::1]:7000\n", text_of(1),
             text_of(2));
    EQ_STR(files_get("trusted"), wanted);
    CHECK(changed());
    EQ_STR(name_of(1), "nobody");
    CHECK(kmi_trust_is_revoked(trust, &key));
    FAILS(take_out(1), KMSG_ENOENT);
    OK(add(1, "london", NULL, NULL));
    CHECK(changed() && !kmi_trust_is_revoked(trust, &key));
    end();
}

TEST(adding_to_a_key_that_is_there_keeps_what_it_has_in_its_place)
{
    char wanted[1000];

    begin();
    put("@1 london role=ops at=a:1\n@2 paris\n");
    OK(add(1, NULL, "reader", "b:1"));
    OK(add(1, "", "ops", "A:01"));
    snprintf(wanted, sizeof wanted, "%s london role=ops role=reader at=a:1 at=b:1\n%s paris\n",
             text_of(1), text_of(2));
    EQ_STR(files_get("trusted"), wanted);
    OK(add(1, "westminster", NULL, NULL));
    snprintf(wanted, sizeof wanted, "%s westminster role=ops role=reader at=a:1 at=b:1\n%s paris\n",
             text_of(1), text_of(2));
    EQ_STR(files_get("trusted"), wanted);
    end();
}

TEST(who_has_no_name_has_the_first_letters_of_his_key)
{
    begin();
    OK(add(1, NULL, NULL, NULL));
    CHECK(changed());
    EQ_UINT(strlen(name_of(1)), 8);
    CHECK(strncmp(name_of(1), text_of(1), 8) == 0);
    end();
}

TEST(the_first_one_makes_the_file_and_its_folder_for_the_owner_alone)
{
    begin();
    kmi_trust_free(trust);
    trust = kmi_trust_new(files_path("a/trusted"));
    CHECK(trust != NULL);
    OK(add(1, "london", NULL, NULL));
    EQ_UINT(files_mode("a"), 0700);
    EQ_UINT(files_mode("a/trusted"), 0600);
    CHECK(changed());
    EQ_STR(name_of(1), "london");
    end();
}

TEST(what_may_not_be_added_leaves_the_file_as_it_was)
{
    char kept[1000];

    begin();
    put("@1 london at=a:1\n@2 paris\n");
    snprintf(kept, sizeof kept, "%.999s", files_get("trusted"));
    FAILS(add(2, NULL, NULL, "A:1"), KMSG_EEXIST);
    HAS(kmsg_last_error(), "another key, london, is expected at a:1");
    FAILS(add(3, "a b", NULL, NULL), KMSG_EKEY);
    HAS(kmsg_last_error(), "not a name");
    FAILS(add(3, "a\nb", NULL, NULL), KMSG_EKEY);
    FAILS(add(3, "#a", NULL, NULL), KMSG_EKEY);
    FAILS(add(3, "rome", "a\nb", NULL), KMSG_EKEY);
    HAS(kmsg_last_error(), "not a role");
    FAILS(add(3, "rome", NULL, "a b:1"), KMSG_EKEY);
    HAS(kmsg_last_error(), "not an address");
    FAILS(take_out(3), KMSG_ENOENT);
    EQ_STR(files_get("trusted"), kept);
    EQ_UINT(files_in(files_folder), 2); /* it and the lock */
    put("@1 london\nwhat\n");
    FAILS(add(2, "paris", NULL, NULL), KMSG_EKEY);
    HAS(kmsg_last_error(), ":2: a line begins with a key");
    FAILS(take_out(1), KMSG_EKEY);
    end();
}

TEST(a_key_gets_no_more_roles_and_addresses_than_it_may_have)
{
    char text[20];

    begin();
    for (int i = 0; i < 32; i++) {
        snprintf(text, sizeof text, "r%d", i);
        OK(add(1, "london", text, NULL));
    }
    FAILS(add(1, NULL, "more", NULL), KMSG_EKEY);
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text, "h%d:1", i);
        OK(add(1, NULL, NULL, text));
    }
    FAILS(add(1, NULL, NULL, "more:1"), KMSG_EKEY);
    CHECK(changed());
    EQ_UINT(find(1)->role_count, 32);
    EQ_UINT(find(1)->at_count, 8);
    end();
}

TEST(a_file_that_is_full_takes_no_more)
{
    size_t size = (size_t)KMI_TRUST_LINES_MAX;
    char  *text = malloc(size);

    CHECK(text != NULL);
    begin();
    memset(text, '\n', size);
    files_put_bytes("trusted", text, size);
    FAILS(add(1, "london", NULL, NULL), KMSG_EKEY);
    HAS(kmsg_last_error(), "more than 100000 lines");
    files_put_bytes("trusted", text, size - 1);
    OK(add(1, "london", NULL, NULL));
    CHECK(changed());
    end();
    free(text);
}

TEST(permissions_of_a_file_stay_and_a_link_to_it_stays_a_link)
{
    char        real[600];
    struct stat about;

    begin();
    put("@1 london\n");
    snprintf(real, sizeof real, "%s", files_path("real"));
    CHECK(rename(files_path("trusted"), real) == 0);
    CHECK(symlink("real", files_path("trusted")) == 0);
    CHECK(chmod(real, 0644) == 0);
    OK(add(2, "paris", NULL, NULL));
    CHECK(lstat(files_path("trusted"), &about) == 0);
    CHECK(S_ISLNK(about.st_mode));
    EQ_UINT(files_mode("real"), 0644);
    CHECK(changed());
    EQ_STR(name_of(2), "paris");
    end();
}

/* ---- several at once ------------------------------------------------------------------------- */

TEST(nobody_reads_half_of_a_file_and_no_change_is_lost_when_several_make_them)
{
    enum { WRITERS = 4, EACH = 25 };
    pid_t    children[WRITERS];
    uint32_t left = WRITERS;

    begin();
    for (uint32_t i = 0; i < WRITERS; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            int failures = 0;
            for (uint32_t k = 0; k < EACH; k++)
                failures += add(1 + i * EACH + k, "london", "ops", NULL) != KMSG_OK;
            _exit(failures);
        }
    }
    while (left > 0) {
        int    status = 0;
        size_t count = kmi_trust_count(trust);
        left -= waitpid(-1, &status, WNOHANG) > 0;
        EQ_INT(status, 0);
        changed();
        CHECK(kmi_trust_count(trust) >= count);
    }
    changed();
    for (uint32_t i = 1; i <= WRITERS * EACH; i++)
        EQ_STR(name_of(i), "london");
    EQ_UINT(kmi_trust_count(trust), WRITERS * EACH);
    end();
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t left_to_give;
static size_t live;

static void *limited(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        live -= old != NULL;
        free(old);
        return NULL;
    }
    if (left_to_give == 0)
        return NULL;
    left_to_give--;
    live += old == NULL;
    return realloc(old, size);
}

/* All of it: read, find, add, read again. The first failure. */
static kmsg_err work(void)
{
    kmi_trust *mine = kmi_trust_new(files_path("trusted"));
    bool       is;
    kmsg_key   two = key_of(2);
    kmsg_err   err;

    if (mine == NULL)
        return KMSG_ENOMEM;
    err = kmi_trust_refresh(mine, &is);
    if (err == KMSG_OK)
        err = kmi_trust_add(mine, &(kmi_trusted){.key = two, .name = "paris"});
    if (err == KMSG_OK)
        err = kmi_trust_refresh(mine, &is);
    if (err != KMSG_OK)
        CHECK(kmi_trust_find(mine, &two) == NULL);
    kmi_trust_free(mine);
    return err;
}

TEST(any_allocation_may_fail_and_the_file_is_whole)
{
    kmsg_err err = KMSG_ENOMEM;
    size_t   tries = 0;

    begin();
    for (; err != KMSG_OK; tries++) {
        CHECK(tries < 1000);
        put("@1 london role=ops at=a:1\n");
        kmsg_set_allocator((kmsg_allocator){limited, NULL});
        left_to_give = tries;
        live = 0;
        err = work();
        EQ_UINT(live, 0);
        kmsg_set_allocator((kmsg_allocator){NULL, NULL});
        CHECK(err == KMSG_OK || err == KMSG_ENOMEM);
        changed();
        EQ_STR(name_of(1), "london");
    }
    EQ_STR(name_of(2), "paris");
    CHECK(tries > 10);
    end();
}

TEST(without_memory_or_descriptors_the_list_stays_and_is_read_later)
{
    bool is;

    begin();
    put("@1 london\n");
    CHECK(changed());
    put("@1 westminster\n");
    kmsg_set_allocator((kmsg_allocator){limited, NULL});
    left_to_give = 0;
    FAILS(kmi_trust_refresh(trust, &is), KMSG_ENOMEM);
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
    EQ_STR(name_of(1), "london");
    CHECK(!is);
    CHECK(changed());
    EQ_STR(name_of(1), "westminster");
    end();
}
