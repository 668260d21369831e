/* library.c -- library NAME URL [SCOPE]: a program that offers services, for tests of the tools.
 *
 * It listens at the URL and serves library.Books and library.Desk, publishes library.Forgotten, and
 * NAME (unless it is "-"), writes "ready" on stdout, and goes on until it is stopped or its stdin
 * ends.
 */
#define _POSIX_C_SOURCE 200809L

#include "library.kmsg.h"

#include <kmsg/kmsg.h>
#include <kmsg/names.h>
#include <kmsg/topic.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const kmsg_string  tags[] = {KMSG_STR("sea"), KMSG_STR("whale")};
static const library_Book atlas = {
    .title = KMSG_STR("Atlas"), .kind = library_Kind_ATLAS, .pages = 90};
static const library_Book novel = {
    .title = KMSG_STR("Moby Dick"), .pages = 635, .tags = {tags, 2}, .next = &atlas};
static uint64_t books = 2;

static kmsg_err find(void *ctx, kmsg_call *call, kmsg_string title, library_Book *ret)
{
    const kmsg_string     near[] = {KMSG_STR("Moby Dick")};
    const library_Missing missing = {title, {near, 1}};

    (void)ctx;
    if (!kmsg_string_equal(title, novel.title))
        return library_Missing_throw(call, &missing);
    *ret = novel;
    return KMSG_OK;
}

static kmsg_err count(void *ctx, kmsg_call *call, uint64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = books;
    return KMSG_OK;
}

static kmsg_err note(void *ctx, kmsg_call *call, kmsg_string title, uint32_t most, kmsg_string *ret)
{
    (void)ctx;
    if (title.size > 0)
        *ret = kmsg_printf(kmsg_call_arena(call), "%.*s", (int)most, title.data);
    return KMSG_OK;
}

static kmsg_err titles(void *ctx, kmsg_call *call, kmsg_list_string *ret)
{
    static const kmsg_string both[] = {KMSG_STR("Moby Dick"), KMSG_STR("Atlas")};

    (void)ctx;
    (void)call;
    *ret = (kmsg_list_string){both, 2};
    return KMSG_OK;
}

static kmsg_err forget(void *ctx, kmsg_call *call, kmsg_string title)
{
    (void)ctx;
    books -= books > 0;
    return library_Forgotten_publish(kmsg_peer_node(kmsg_call_peer(call)), title,
                                     library_Kind_NOVEL, books);
}

static kmsg_err shelf(void *ctx, kmsg_call *call, const uint32_t *first)
{
    kmsg_err err = KMSG_OK;

    (void)ctx;
    if (first == NULL || *first == 0)
        err = library_Books_shelf_send(call, &novel);
    return err == KMSG_OK ? library_Books_shelf_send(call, &atlas) : err;
}

static kmsg_err total(void *ctx, kmsg_call *call, uint64_t *ret)
{
    kmsg_err err;
    uint32_t pages;
    uint64_t sum = 0;

    (void)ctx;
    while ((err = library_Books_total_receive(call, kmsg_call_arena(call), &pages)) == KMSG_OK)
        sum += pages;
    *ret = sum;
    return err == KMSG_END ? KMSG_OK : err;
}

static kmsg_err upper(void *ctx, kmsg_call *call)
{
    kmsg_string word;
    kmsg_err    err;

    (void)ctx;
    while ((err = library_Books_upper_receive(call, kmsg_call_arena(call), &word)) == KMSG_OK) {
        kmsg_string big = kmsg_string_copy(kmsg_call_arena(call), word);
        for (size_t i = 0; i < big.size; i++)
            ((char *)(uintptr_t)big.data)[i] = (char)toupper((unsigned char)big.data[i]);
        err = library_Books_upper_send(call, big);
        if (err != KMSG_OK)
            return err;
    }
    return err == KMSG_END ? KMSG_OK : err;
}

/* Never answers. */
static kmsg_err wait_for_ever(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    return KMSG_LATER;
}

static kmsg_err desk_count(void *ctx, kmsg_call *call, uint8_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = 1;
    return KMSG_OK;
}

static kmsg_err desk_open(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    return KMSG_OK;
}

static const library_Books_impl books_impl = {.find = find,
                                              .count = count,
                                              .note = note,
                                              .titles = titles,
                                              .forget = forget,
                                              .shelf = shelf,
                                              .total = total,
                                              .upper = upper,
                                              .wait = wait_for_ever};
static const library_Desk_impl  desk_impl = {.count = desk_count, .open = desk_open};

static kmsg_scope scope_of(const char *word)
{
    return strcmp(word, "lan") == 0     ? KMSG_SCOPE_LAN
           : strcmp(word, "group") == 0 ? KMSG_SCOPE_GROUP
                                        : KMSG_SCOPE_HOST;
}

int main(int argc, char **argv)
{
    kmsg_node        *node = kmsg_node_new();
    kmsg_publication *publication;
    char              byte;

    if (argc < 3 || node == NULL)
        return 2;
    kmsg_must(library_Books_serve(node, &books_impl, NULL));
    kmsg_must(library_Desk_serve(node, &desk_impl, NULL));
    kmsg_must(library_Forgotten_offer(node, NULL));
    kmsg_must(kmsg_serve_reflection(node));
    if (strcmp(argv[2], "-") != 0)
        kmsg_must(kmsg_listen(node, argv[2], NULL));
    if (strcmp(argv[1], "-") != 0) {
        kmsg_must(
            kmsg_publish(node, argv[1], scope_of(argc > 3 ? argv[3] : ""), NULL, &publication));
        kmsg_must(kmsg_published(publication, 10000));
    }
    kmsg_must(kmsg_start(node));
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    kmsg_node_free(node);
    return 0;
}
