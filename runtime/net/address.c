/* address.c -- SCHEME:REST, and for TCP and UDP HOST:PORT with an optional ?insecure.
 *
 * Besides there is fd:NUMBER, a descriptor. An IPv6 address that is good on one link alone says
 * which: [fe80::1%eth0], or the interface's number, which is how it is printed.
 *
 * A host that is not a number could lead anywhere, so it counts as beyond loopback; "localhost" is
 * the exception and is never looked up.
 */
#define _POSIX_C_SOURCE 200809L
#include "net/address.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define FD_MAX 1048576 /* as many as Linux lets a process have */

static kmsg_err bad(const char *url, const char *why)
{
    return kmi_error(KMSG_EADDRESS, "%s: %s", url, why);
}

static kmsg_err parse_inproc(const char *url, const char *rest, kmi_address *ret)
{
    size_t size = strlen(rest);

    if (size == 0)
        return bad(url, "a name is missing behind inproc:");
    if (size >= KMI_NAME_MAX)
        return bad(url, "the name is longer than 255 bytes");
    ret->scheme = KMI_SCHEME_INPROC;
    memcpy(ret->name, rest, size + 1);
    return KMSG_OK;
}

static kmsg_err parse_unix(const char *url, const char *rest, kmi_address *ret)
{
    size_t size = strlen(rest);

    if (size == 0 || (size == 1 && rest[0] == '@'))
        return bad(url, "a path is missing behind unix:");
    if (size >= KMI_PATH_MAX)
        return bad(url, "the path is longer than 107 bytes");
    ret->scheme = KMI_SCHEME_UNIX;
    ret->endpoint.family = KMI_UNIX;
    memcpy(ret->endpoint.path, rest, size + 1);
    return KMSG_OK;
}

static bool parse_port(const char *text, uint16_t *ret)
{
    uint32_t port = 0;

    if (*text == '\0' || strlen(text) > 5)
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = port * 10 + (uint32_t)(*text - '0');
    }
    *ret = (uint16_t)port;
    return port <= 65535;
}

static bool host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_';
}

/* "fe80::1%3", "fe80::1%eth0": an address of one link, and which. */
static kmsg_err parse_ip6(const char *url, kmi_address *ret)
{
    char *percent = strchr(ret->name, '%');
    bool  good;

    ret->endpoint.family = KMI_IP6;
    if (percent != NULL)
        *percent = '\0';
    good = inet_pton(AF_INET6, ret->name, ret->endpoint.ip) == 1;
    if (percent == NULL)
        return good ? KMSG_OK : bad(url, "there is no IPv6 address in the brackets");
    *percent = '%';
    if (!good)
        return bad(url, "there is no IPv6 address in the brackets");
    if (ret->endpoint.ip[0] != 0xfe || (ret->endpoint.ip[1] & 0xc0) != 0x80)
        return bad(url, "only an address that begins with fe80 is of one interface alone");
    ret->endpoint.interface = kmi_interface_of(percent + 1);
    return ret->endpoint.interface != 0
               ? KMSG_OK
               : bad(url, "this host has no interface of the name or number behind %");
}

/* The host without its brackets, "HOST:PORT" cut at `colon`. */
static kmsg_err parse_host(const char *url, const char *host, size_t size, kmi_address *ret)
{
    bool brackets = size >= 2 && host[0] == '[' && host[size - 1] == ']';

    if (brackets) {
        host++;
        size -= 2;
    }
    if (size == 0)
        return bad(url, "a host is missing; HOST:PORT is expected");
    if (size >= KMI_NAME_MAX)
        return bad(url, "the host is longer than 255 bytes");
    memcpy(ret->name, host, size);
    ret->name[size] = '\0';
    ret->literal = true;
    if (brackets)
        return parse_ip6(url, ret);
    ret->endpoint.family = KMI_IP4;
    if (inet_pton(AF_INET, ret->name, ret->endpoint.ip) == 1)
        return KMSG_OK;
    ret->literal = false;
    for (size_t i = 0; i < size; i++)
        if (!host_char(host[i]))
            return bad(url, host[i] == ':' ? "an IPv6 address is written in brackets, [::1]"
                                           : "a host does not look like this");
    return KMSG_OK;
}

static kmsg_err parse_host_and_port(const char *url, const char *rest, kmi_address *ret)
{
    bool        udp = ret->scheme == KMI_SCHEME_UDP;
    const char *why = udp ? "udp:HOST:PORT is expected" : "tcp:HOST:PORT is expected";
    char        text[KMI_URL_MAX];
    char       *query, *colon;

    if (strlen(rest) >= sizeof text)
        return bad(url, "it is too long");
    memcpy(text, rest, strlen(rest) + 1);
    query = strchr(text, '?');
    if (query != NULL) {
        *query++ = '\0';
        if (strcmp(query, "insecure") != 0)
            return bad(url, "the only thing that can stand behind ? is insecure");
        ret->insecure = true;
    }
    colon = strrchr(text, ':');
    if (colon == NULL || (text[0] == '[' && colon[-1] != ']'))
        return bad(url, why);
    if (!parse_port(colon + 1, &ret->endpoint.port))
        return bad(url, "a port is a number from 0 to 65535");
    return parse_host(url, text, (size_t)(colon - text), ret);
}

static kmsg_err parse_tcp(const char *url, const char *rest, kmi_address *ret)
{
    ret->scheme = KMI_SCHEME_TCP;
    return parse_host_and_port(url, rest, ret);
}

static kmsg_err parse_udp(const char *url, const char *rest, kmi_address *ret)
{
    ret->scheme = KMI_SCHEME_UDP;
    return parse_host_and_port(url, rest, ret);
}

static kmsg_err parse_fd(const char *url, const char *rest, kmi_address *ret)
{
    const char *at = rest;
    int         fd = 0;

    for (; *at >= '0' && *at <= '9' && fd <= FD_MAX; at++)
        fd = fd * 10 + (*at - '0');
    if (at == rest || *at != '\0' || fd > FD_MAX)
        return bad(url, "a descriptor is a number from 0 to 1048576");
    ret->scheme = KMI_SCHEME_FD;
    ret->fd = fd;
    return KMSG_OK;
}

kmsg_err kmi_address_parse(const char *url, kmi_address *ret)
{
    kmi_address a;
    kmsg_err    err;

    if (url == NULL)
        return kmi_error(KMSG_EADDRESS, "there is no address: NULL");
    memset(&a, 0, sizeof a);
    if (strncmp(url, "inproc:", 7) == 0)
        err = parse_inproc(url, url + 7, &a);
    else if (strncmp(url, "unix:", 5) == 0)
        err = parse_unix(url, url + 5, &a);
    else if (strncmp(url, "tcp:", 4) == 0)
        err = parse_tcp(url, url + 4, &a);
    else if (strncmp(url, "udp:", 4) == 0)
        err = parse_udp(url, url + 4, &a);
    else if (strncmp(url, "fd:", 3) == 0)
        err = parse_fd(url, url + 3, &a);
    else
        err = bad(url, "an address begins with inproc:, unix:, tcp:, udp: or fd:");
    if (err == KMSG_OK)
        *ret = a;
    return err;
}

bool kmi_address_has_port(const kmi_address *a)
{
    return a->scheme == KMI_SCHEME_TCP || a->scheme == KMI_SCHEME_UDP;
}

kmsg_err kmi_address_parse_own(const char *url, kmi_address *ret)
{
    kmsg_err err;

    if (url == NULL || strcmp(url, "unix:") == 0) {
        *ret = (kmi_address){.scheme = KMI_SCHEME_UNIX, .endpoint = {.family = KMI_UNIX}};
        return KMSG_OK;
    }
    err = kmi_address_parse(url, ret);
    return err == KMSG_OK && ret->scheme == KMI_SCHEME_FD
               ? bad(url, "nobody listens at a descriptor, it is dialled")
               : err;
}

bool kmi_address_is_localhost(const kmi_address *a)
{
    return kmi_address_has_port(a) && !a->literal && strcasecmp(a->name, "localhost") == 0;
}

void kmi_address_localhost(const kmi_address *a, kmi_endpoint ret[2])
{
    static const uint8_t four[4] = {127, 0, 0, 1};

    memset(ret, 0, 2 * sizeof *ret);
    ret[0].family = KMI_IP4;
    ret[0].port = a->endpoint.port;
    memcpy(ret[0].ip, four, sizeof four);
    ret[1].family = KMI_IP6;
    ret[1].port = a->endpoint.port;
    ret[1].ip[15] = 1;
}

static const char *scheme_of(const kmi_address *a)
{
    return a->scheme == KMI_SCHEME_UDP ? "udp:" : "tcp:";
}

kmsg_err kmi_address_to_listen(const kmi_address *a, kmi_endpoint *ret)
{
    kmi_endpoint both[2];

    *ret = a->endpoint;
    if (!kmi_address_has_port(a) || a->literal)
        return KMSG_OK;
    if (!kmi_address_is_localhost(a))
        return kmi_error(KMSG_EADDRESS, "%s%s: to listen, say which of this host's addresses",
                         scheme_of(a), a->name);
    kmi_address_localhost(a, both);
    *ret = both[0];
    return KMSG_OK;
}

bool kmi_endpoint_is_loopback(const kmi_endpoint *e)
{
    static const uint8_t four[4] = {127, 0, 0, 1}, six[16] = {[15] = 1};

    return (e->family == KMI_IP4 && memcmp(e->ip, four, sizeof four) == 0) ||
           (e->family == KMI_IP6 && memcmp(e->ip, six, sizeof six) == 0);
}

bool kmi_address_is_loopback(const kmi_address *a)
{
    return a->literal ? kmi_endpoint_is_loopback(&a->endpoint) : kmi_address_is_localhost(a);
}

kmsg_err kmi_address_check(const kmi_address *a)
{
    if (a->scheme != KMI_SCHEME_UDP || a->insecure || kmi_address_is_loopback(a))
        return KMSG_OK;
    return kmi_error(KMSG_EPERM,
                     "udp:%s is beyond loopback, and datagrams are not encrypted; append ?insecure "
                     "if that is all right",
                     a->name);
}

void kmi_address_at(const kmi_address *a, char ret[KMI_AT_MAX])
{
    char   url[KMI_URL_MAX];
    size_t size = 0;

    if (a->literal) {
        kmi_endpoint_print(&a->endpoint, false, url, sizeof url);
        snprintf(ret, KMI_AT_MAX, "%s", strchr(url, ':') + 1);
        return;
    }
    for (; a->name[size] != '\0'; size++)
        ret[size] = (char)tolower((unsigned char)a->name[size]);
    snprintf(ret + size, KMI_AT_MAX - size, ":%u", a->endpoint.port);
}

static void print(const char *scheme, const kmi_endpoint *e, bool insecure, char *ret, size_t size)
{
    const char *tail = insecure ? "?insecure" : "";
    char        ip[INET6_ADDRSTRLEN + 11] = "";

    inet_ntop(e->family == KMI_IP4 ? AF_INET : AF_INET6, e->ip, ip, INET6_ADDRSTRLEN);
    if (e->interface != 0)
        snprintf(ip + strlen(ip), sizeof ip - strlen(ip), "%%%" PRIu32, e->interface);
    snprintf(ret, size, e->family == KMI_IP4 ? "%s%s:%u%s" : "%s[%s]:%u%s", scheme, ip, e->port,
             tail);
}

void kmi_endpoint_print(const kmi_endpoint *e, bool insecure, char *ret, size_t size)
{
    if (e->family == KMI_UNIX)
        snprintf(ret, size, "unix:%s", e->path);
    else
        print("tcp:", e, insecure, ret, size);
}

void kmi_datagram_url(const kmi_endpoint *e, bool insecure, char *ret, size_t size)
{
    print("udp:", e, insecure, ret, size);
}
