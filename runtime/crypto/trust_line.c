/* trust_line.c -- words, names and addresses in the files that people write. */
#define _POSIX_C_SOURCE 200809L
#include "crypto/trust_line.h"

#include "crypto/trust.h"
#include "sys/sys.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#define BLANKS        " \t\r" /* the last one stands before the end of a line in Windows' files */
#define HOST_MAX      256u    /* with its NUL */
#define INTERFACE_MAX 16u

size_t kmi_trust_split(char *line, char **ret, size_t max)
{
    size_t count = 0;

    for (line += strspn(line, BLANKS); *line != '\0'; line += strspn(line, BLANKS)) {
        if (count == max)
            return max + 1;
        if (count == 0 && *line == '#')
            return 0;
        ret[count++] = line;
        line += strcspn(line, BLANKS);
        if (*line != '\0')
            *line++ = '\0';
    }
    return count;
}

bool kmi_trust_is_word(const char *text)
{
    size_t size = 0;

    for (; text[size] != '\0'; size++)
        if (size + 1 == KMI_TRUST_NAME_MAX || text[size] <= ' ' || text[size] > '~' ||
            text[size] == '=')
            return false;
    return size > 0 && text[0] != '#';
}

/* From 1 to 65535; 0: it is none. */
static unsigned port_of(const char *text)
{
    unsigned port = 0;

    if (strlen(text) > 5)
        return 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        port = port * 10 + (unsigned)(*text - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool lower_name(char *host)
{
    for (; *host != '\0'; host++) {
        if (*host >= 'A' && *host <= 'Z')
            *host = (char)(*host - 'A' + 'a');
        if (!(*host >= 'a' && *host <= 'z') && !(*host >= '0' && *host <= '9') &&
            strchr("-._", *host) == NULL)
            return false;
    }
    return true;
}

/* What stands behind '%': its number where there is one, which is how links print it. */
static bool normal_interface(const char *text, char ret[INTERFACE_MAX])
{
    uint32_t index;
    size_t   size = strlen(text);

    if (size == 0 || size >= INTERFACE_MAX || !kmi_trust_is_word(text) || strpbrk(text, "[]%:"))
        return false;
    index = kmi_interface_of(text);
    if (index == 0)
        memcpy(ret, text, size + 1);
    else
        snprintf(ret, INTERFACE_MAX, "%" PRIu32, index);
    return true;
}

/* In place: as inet_ntop() writes it. */
static bool normal_ip6(char host[HOST_MAX])
{
    char   *percent = strchr(host, '%');
    char    shown[INET6_ADDRSTRLEN], interface[INTERFACE_MAX];
    uint8_t ip[16];

    if (percent != NULL && !normal_interface(percent + 1, interface))
        return false;
    if (percent != NULL)
        *percent = '\0';
    if (inet_pton(AF_INET6, host, ip) != 1 || inet_ntop(AF_INET6, ip, shown, sizeof shown) == NULL)
        return false;
    if (percent == NULL)
        snprintf(host, HOST_MAX, "%s", shown);
    else
        snprintf(host, HOST_MAX, "%s%%%s", shown, interface);
    return true;
}

bool kmi_trust_place(const char *text, char ret[KMI_TRUST_PLACE_MAX])
{
    const char *colon = strrchr(text, ':');
    size_t      size = colon == NULL ? 0 : (size_t)(colon - text);
    unsigned    port = colon == NULL ? 0 : port_of(colon + 1);
    bool        brackets = size > 2 && text[0] == '[' && text[size - 1] == ']';
    char        host[HOST_MAX];

    if (port == 0 || size == 0 || size - 2 * brackets >= sizeof host)
        return false;
    size -= 2 * brackets;
    memcpy(host, text + brackets, size);
    host[size] = '\0';
    if (brackets ? !normal_ip6(host) : !lower_name(host))
        return false;
    snprintf(ret, KMI_TRUST_PLACE_MAX, brackets ? "[%s]:%u" : "%s:%u", host, port);
    return true;
}
