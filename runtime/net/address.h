/* address.h -- addresses as text, and what they mean. */
#ifndef KMI_ADDRESS_H
#define KMI_ADDRESS_H

#include "sys/sys.h"

#define KMI_NAME_MAX 256 /* of a host or an inproc name, with its NUL */
#define KMI_URL_MAX  320

typedef enum kmi_scheme {
    KMI_SCHEME_INPROC,
    KMI_SCHEME_UNIX,
    KMI_SCHEME_TCP,
    KMI_SCHEME_UDP,
    KMI_SCHEME_FD /* a socket that this process has */
} kmi_scheme;

typedef struct kmi_address {
    kmi_scheme   scheme;
    bool         insecure;           /* "?insecure" was said */
    bool         literal;            /* TCP, UDP: the host is a number, and lies in `endpoint` */
    char         name[KMI_NAME_MAX]; /* INPROC: the name; TCP, UDP: the host */
    kmi_endpoint endpoint;           /* UNIX: the path; TCP, UDP: port, and ip if literal */
    int          fd;                 /* FD */
} kmi_address;

/* KMSG_EADDRESS with words. */
KMSG_CHECK kmsg_err kmi_address_parse(const char *url, kmi_address *ret);

/* What to listen at: NULL and "unix:" ask for a unix path that is made for it. */
KMSG_CHECK kmsg_err kmi_address_parse_own(const char *url, kmi_address *ret);

/* TCP, UDP: a host and a port. */
bool kmi_address_has_port(const kmi_address *address);

/* 127.0.0.1 and ::1, and no other: what is not encrypted unless somebody asks for it. Of names only
 * "localhost" is: where another one leads, others decide. */
bool kmi_endpoint_is_loopback(const kmi_endpoint *endpoint);
bool kmi_address_is_loopback(const kmi_address *address);

/* UDP: KMSG_EPERM, with words, for a host beyond loopback that does not say ?insecure. */
KMSG_CHECK kmsg_err kmi_address_check(const kmi_address *address);

/* TCP: "HOST:PORT" in one form: a name in small letters, a number as inet_ntop() writes it. */
#define KMI_AT_MAX (KMI_NAME_MAX + 8)
void kmi_address_at(const kmi_address *address, char ret[KMI_AT_MAX]);

/* Where to listen. KMSG_EADDRESS: a name, which may lead to any host. */
KMSG_CHECK kmsg_err kmi_address_to_listen(const kmi_address *address, kmi_endpoint *ret);

/* "localhost", without asking anybody: 127.0.0.1 and ::1. */
bool kmi_address_is_localhost(const kmi_address *address);
void kmi_address_localhost(const kmi_address *address, kmi_endpoint ret[2]);

/* "tcp:127.0.0.1:4711", "unix:/x", cut to `size`. `insecure` appends "?insecure". */
void kmi_endpoint_print(const kmi_endpoint *endpoint, bool insecure, char *ret, size_t size);

/* "udp:127.0.0.1:4711" */
void kmi_datagram_url(const kmi_endpoint *endpoint, bool insecure, char *ret, size_t size);

#endif
