/* transport_certificate.h -- certificates of both sides, for those that speak TLS. */
#ifndef TRANSPORT_CERTIFICATE_H
#define TRANSPORT_CERTIFICATE_H

#include "transport.h"

#define TRANSPORT_PATH ((size_t)240)

/* One for each side, in files with its private key. `name` is that of the server. */
void transport_certificates_new(const char *name);

/* Where that of a side is: the server's, which accepts, or the client's. */
void transport_certificate_path(const char *name, bool accepts, char *ret, size_t size);

#endif
