/* lan_settings.c -- options, and the environment behind them. A list is written with commas, and
 * blanks around them do no harm.
 */
#define _GNU_SOURCE
#include "names/lan_settings.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 288u /* of a list: HOST:PORT */

/* Who runs with more rights than his caller does not go by his caller's environment. */
static const char *text_of(const char *set, const char *variable)
{
    return set != NULL ? set : secure_getenv(variable);
}

/* The next word of a list, without blanks around it; false: there is none. Empty ones are passed
 * over. `why`: it is too long. */
static bool next_word(const char **at, char ret[WORD_MAX], bool *ret_too_long)
{
    const char *begin = *at + strspn(*at, ", \t");
    size_t      size = strcspn(begin, ",");

    *at = begin + size;
    while (size > 0 && (begin[size - 1] == ' ' || begin[size - 1] == '\t'))
        size--;
    *ret_too_long = size >= WORD_MAX;
    if (size == 0 || *ret_too_long)
        return *ret_too_long;
    memcpy(ret, begin, size);
    ret[size] = '\0';
    return true;
}

/* ---- seeds ----------------------------------------------------------------------------------- */

static kmsg_err add_seed(const char *word, kmi_lan_settings *s)
{
    char url[WORD_MAX + 16];

    if (s->seed_count == KMI_LAN_SEEDS_MAX)
        return kmi_error(KMSG_EINVAL, "there are more than %u seeds", KMI_LAN_SEEDS_MAX);
    snprintf(url, sizeof url, "udp:%s?insecure", word); /* they are signed, not secret */
    if (kmi_address_parse(url, &s->seeds[s->seed_count]) != KMSG_OK ||
        s->seeds[s->seed_count].endpoint.port == 0)
        return kmi_error(KMSG_EINVAL, "the seed \"%s\" is not HOST:PORT, as in 10.0.0.2:%u", word,
                         KMSG_DIRECTORY_PORT);
    s->seed_count++;
    return KMSG_OK;
}

static kmsg_err read_seeds(const char *text, kmi_lan_settings *s)
{
    char     word[WORD_MAX] = "";
    bool     too_long;
    kmsg_err err = KMSG_OK;

    while (err == KMSG_OK && text != NULL && next_word(&text, word, &too_long))
        err = too_long ? kmi_error(KMSG_EINVAL, "a seed is longer than %u bytes", WORD_MAX - 1)
                       : add_seed(word, s);
    return err;
}

/* ---- multicast ------------------------------------------------------------------------------- */

/* An interface may come later: its name need not be known. */
static kmsg_err add_interface(const char *word, kmi_lan_settings *s)
{
    if (s->only_count == KMI_INTERFACES_MAX || strlen(word) >= sizeof s->only[0])
        return kmi_error(KMSG_EINVAL,
                         "multicast is \"on\", \"off\", or names of interfaces: not \"%s\"", word);
    memcpy(s->only[s->only_count++], word, strlen(word) + 1);
    return KMSG_OK;
}

static kmsg_err read_multicast(const char *text, kmi_lan_settings *s)
{
    char     word[WORD_MAX] = "";
    bool     too_long;
    kmsg_err err = KMSG_OK;

    s->multicast = text == NULL || strcmp(text, "off") != 0;
    if (text == NULL || *text == '\0' || strcmp(text, "on") == 0 || !s->multicast)
        return KMSG_OK;
    while (err == KMSG_OK && next_word(&text, word, &too_long))
        err = add_interface(too_long ? "(a long one)" : word, s);
    return err;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static kmsg_err read_port(uint16_t set, kmi_lan_settings *s)
{
    const char *text = secure_getenv("KMSG_PORT");
    char       *end;
    long        port;

    s->port = set != 0 ? set : KMSG_DIRECTORY_PORT;
    if (set != 0 || text == NULL || *text == '\0')
        return KMSG_OK;
    port = strtol(text, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        return kmi_error(KMSG_EINVAL, "KMSG_PORT is a number from 1 to 65535, not \"%s\"", text);
    s->port = (uint16_t)port;
    return KMSG_OK;
}

static bool is_fast(bool set)
{
    const char *text = secure_getenv("KMSG_FAST");

    return set || (text != NULL && strcmp(text, "1") == 0);
}

kmsg_err kmi_lan_settings_get(const kmsg_directory_options *options, kmi_lan_settings *ret)
{
    static const kmsg_directory_options none = {0};
    kmsg_err                            err;

    options = options == NULL ? &none : options;
    memset(ret, 0, sizeof *ret);
    ret->fast = is_fast(options->fast);
    err = read_port(options->port, ret);
    if (err == KMSG_OK)
        err = read_multicast(text_of(options->multicast, "KMSG_MULTICAST"), ret);
    if (err == KMSG_OK)
        err = read_seeds(text_of(options->seeds, "KMSG_SEEDS"), ret);
    return err;
}
