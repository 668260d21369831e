/* transport_certificate.c -- certificates for TLS: each side has one, P-256 and signed by itself,
 * and trusts that of the other and no more. They are files, with the private key in front.
 */
#include "transport_certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#define LASTS_S 86400

static void set_name(X509_NAME *name)
{
    const unsigned char *host = (const unsigned char *)"localhost";

    BENCH_NEED(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0) == 1);
}

static X509 *new_certificate(EVP_PKEY *key)
{
    X509 *it = X509_new();

    BENCH_NEED(it && X509_set_version(it, X509_VERSION_3) == 1);
    BENCH_NEED(ASN1_INTEGER_set(X509_get_serialNumber(it), 1) == 1);
    BENCH_NEED(X509_gmtime_adj(X509_getm_notBefore(it), -LASTS_S));
    BENCH_NEED(X509_gmtime_adj(X509_getm_notAfter(it), LASTS_S));
    BENCH_NEED(X509_set_pubkey(it, key) == 1);
    set_name(X509_get_subject_name(it));
    set_name(X509_get_issuer_name(it));
    BENCH_NEED(X509_sign(it, key, EVP_sha256()) > 0);
    return it;
}

void transport_certificate_path(const char *name, bool accepts, char *ret, size_t size)
{
    snprintf(ret, size, "%s-%s.pem", name, accepts ? "server" : "client");
}

static void write_certificate(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509     *certificate = new_certificate(key);
    FILE     *out = fopen(path, "w");

    BENCH_NEED(out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
    BENCH_NEED(PEM_write_X509(out, certificate) == 1 && fclose(out) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void transport_certificates_new(const char *name)
{
    char path[TRANSPORT_PATH];

    for (int accepts = 0; accepts < 2; accepts++) {
        transport_certificate_path(name, accepts, path, sizeof path);
        write_certificate(path);
    }
}
