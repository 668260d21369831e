/* address_test.c -- which addresses are understood, and what is said about the others. */
#include "test.h"

#include "net/address.h"

#include <net/if.h>

static const struct {
    const char *url;
    kmi_scheme  scheme;
    const char *name; /* INPROC, TCP; UNIX: the path */
    unsigned    port;
} good[] = {
    {"inproc:x", KMI_SCHEME_INPROC, "x", 0},
    {"inproc:a b:c?d", KMI_SCHEME_INPROC, "a b:c?d", 0},
    {"unix:/run/x.sock", KMI_SCHEME_UNIX, "/run/x.sock", 0},
    {"unix:relative", KMI_SCHEME_UNIX, "relative", 0},
    {"unix:@name", KMI_SCHEME_UNIX, "@name", 0},
    {"tcp:127.0.0.1:7000", KMI_SCHEME_TCP, "127.0.0.1", 7000},
    {"tcp:[::1]:0", KMI_SCHEME_TCP, "::1", 0},
    {"tcp:[fe80::1%3]:7000", KMI_SCHEME_TCP, "fe80::1%3", 7000},
    {"tcp:localhost:65535", KMI_SCHEME_TCP, "localhost", 65535},
    {"tcp:my-host.example:1?insecure", KMI_SCHEME_TCP, "my-host.example", 1},
    {"udp:127.0.0.1:7000", KMI_SCHEME_UDP, "127.0.0.1", 7000},
    {"udp:[::1]:0", KMI_SCHEME_UDP, "::1", 0},
    {"udp:my-host.example:1?insecure", KMI_SCHEME_UDP, "my-host.example", 1},
};

TEST(addresses_are_understood)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        kmi_address a;
        OK(kmi_address_parse(good[i].url, &a));
        EQ_UINT(a.scheme, good[i].scheme);
        EQ_STR(a.scheme == KMI_SCHEME_UNIX ? a.endpoint.path : a.name, good[i].name);
        EQ_UINT(a.endpoint.port, good[i].port);
    }
}

static const struct {
    const char *url;
    const char *words;
} bad[] = {
    {"", "begins with inproc:, unix:, tcp:, udp: or fd:"},
    {"http://x", "begins with"},
    {"inproc:", "a name is missing"},
    {"unix:", "a path is missing"},
    {"unix:@", "a path is missing"},
    {"tcp:", "tcp:HOST:PORT"},
    {"tcp:host", "tcp:HOST:PORT"},
    {"tcp::7000", "a host is missing"},
    {"tcp:[]:7000", "a host is missing"},
    {"tcp:host:", "a port is a number"},
    {"tcp:host:65536", "a port is a number"},
    {"tcp:host:70000000000000", "a port is a number"},
    {"tcp:host:-1", "a port is a number"},
    {"tcp:host:7x", "a port is a number"},
    {"tcp:[::1", "tcp:HOST:PORT"},
    {"tcp:[::1]", "tcp:HOST:PORT"},
    {"tcp:[nonsense]:1", "IPv6"},
    {"tcp:::1:7000", "in brackets"},
    {"tcp:[fe80::1%]:1", "no interface of the name or number"},
    {"tcp:[fe80::1%0]:1", "no interface"},
    {"tcp:[fe80::1%99999999999]:1", "no interface"},
    {"tcp:[fe80::1%no-such]:1", "no interface"},
    {"tcp:[nonsense%3]:1", "no IPv6"},
    {"tcp:[2001:db8::1%3]:1", "begins with fe80"},
    {"tcp:a b:7000", "does not look like this"},
    {"tcp:h:1?", "insecure"},
    {"tcp:h:1?secure", "insecure"},
    {"udp:host", "udp:HOST:PORT"},
    {"udp::7000", "a host is missing"},
    {"udp:host:65536", "a port is a number"},
};

TEST(what_is_wrong_with_an_address_is_said)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kmi_address a = {.scheme = KMI_SCHEME_TCP, .name = "untouched"};
        FAILS(kmi_address_parse(bad[i].url, &a), KMSG_EADDRESS);
        HAS(kmsg_last_error(), bad[i].words);
        HAS(kmsg_last_error(), bad[i].url);
        EQ_STR(a.name, "untouched");
    }
}

TEST(an_address_of_one_link_says_which_by_name_or_number)
{
    char        url[64], printed[64];
    kmi_address a;

    OK(kmi_address_parse("tcp:[fe80::1%lo]:7000", &a));
    EQ_UINT(a.endpoint.interface, if_nametoindex("lo"));
    snprintf(url, sizeof url, "tcp:[fe80::1%%%u]:7000", if_nametoindex("lo"));
    kmi_endpoint_print(&a.endpoint, false, printed, sizeof printed);
    EQ_STR(printed, url);
    OK(kmi_address_parse(url, &a));
    EQ_UINT(a.endpoint.interface, if_nametoindex("lo"));
}

static void fill(char *url, const char *scheme, size_t size)
{
    size_t at = strlen(scheme);

    memcpy(url, scheme, at);
    memset(url + at, 'x', size);
    url[at + size] = '\0';
}

TEST(names_and_paths_have_limits)
{
    char        url[400];
    kmi_address a;

    fill(url, "inproc:", 255);
    OK(kmi_address_parse(url, &a));
    fill(url, "inproc:", 256);
    FAILS(kmi_address_parse(url, &a), KMSG_EADDRESS);
    fill(url, "unix:", 107);
    OK(kmi_address_parse(url, &a));
    fill(url, "unix:", 108);
    FAILS(kmi_address_parse(url, &a), KMSG_EADDRESS);
    fill(url, "tcp:", 390);
    FAILS(kmi_address_parse(url, &a), KMSG_EADDRESS);
}

static kmsg_err check(const char *url)
{
    kmi_address a;

    OK(kmi_address_parse(url, &a));
    return kmi_address_check(&a);
}

TEST(datagrams_beyond_loopback_must_be_called_insecure)
{
    OK(check("udp:127.0.0.1:1"));
    OK(check("udp:localhost:1"));
    OK(check("udp:10.0.0.1:1?insecure"));
    FAILS(check("udp:10.0.0.1:1"), KMSG_EPERM);
    HAS(kmsg_last_error(), "udp:10.0.0.1 is beyond loopback");
    OK(check("tcp:10.0.0.1:1")); /* that is encrypted */
}

static bool is_loopback(const char *url)
{
    kmi_address a;

    OK(kmi_address_parse(url, &a));
    return kmi_address_is_loopback(&a);
}

TEST(loopback_is_127_0_0_1_and_1_and_localhost_and_nothing_else)
{
    CHECK(is_loopback("tcp:127.0.0.1:1"));
    CHECK(is_loopback("tcp:[::1]:1"));
    CHECK(is_loopback("tcp:LocalHost:1"));
    CHECK(!is_loopback("tcp:127.0.0.2:1"));
    CHECK(!is_loopback("tcp:127.0.1.1:1"));
    CHECK(!is_loopback("tcp:0.0.0.0:1"));
    CHECK(!is_loopback("tcp:[::]:1"));
    CHECK(!is_loopback("tcp:[::ffff:127.0.0.1]:1"));
    CHECK(!is_loopback("tcp:[fe80::1]:1"));
    CHECK(!is_loopback("tcp:localhost.example:1"));
    CHECK(!is_loopback("tcp:example.org:1"));
}

static const char *at(const char *url)
{
    static char text[KMI_AT_MAX];
    kmi_address a;

    OK(kmi_address_parse(url, &a));
    kmi_address_at(&a, text);
    return text;
}

TEST(where_it_was_dialled_has_one_form)
{
    EQ_STR(at("tcp:10.0.0.1:7000"), "10.0.0.1:7000");
    EQ_STR(at("tcp:[FE80:0::0001]:7"), "[fe80::1]:7");
    EQ_STR(at("tcp:Db.Example:65535"), "db.example:65535");
}

static const char *printed(const char *url)
{
    static char text[KMI_URL_MAX];
    kmi_address a;

    OK(kmi_address_parse(url, &a));
    kmi_endpoint_print(&a.endpoint, a.insecure, text, sizeof text);
    return text;
}

TEST(endpoints_are_printed_as_they_are_written)
{
    EQ_STR(printed("tcp:127.0.0.1:80"), "tcp:127.0.0.1:80");
    EQ_STR(printed("tcp:[0:0:0:0:0:0:0:1]:80?insecure"), "tcp:[::1]:80?insecure");
    EQ_STR(printed("unix:@x"), "unix:@x");
}
