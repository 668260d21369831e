/* wire.c -- somebody at the switch between the hosts of a lab (lab.sh), who sees all frames.
 *
 *     wire watch INTERFACE WORD    says "seen" when a packet of TCP has the word in it, and each
 *                                  hundred packets with something in them "passed"
 *     wire forge INTERFACE PORT    says what nobody has said: for each tenth packet that goes to
 *                                  that port, one with bytes of its own that comes next
 *
 * Both run until their input ends, and then say "done".
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAX  (1 << 16)
#define FORGED     64u
#define EACH       10u
#define EACH_WATCH 100u

typedef struct frame {
    uint8_t bytes[FRAME_MAX];
    size_t  size;
} frame;

/* Where in a frame its parts are. */
typedef struct parts {
    struct iphdr  ip;
    struct tcphdr tcp;
    size_t        ip_at, tcp_at, data_at, data_size;
} parts;

static int open_interface(const char *name)
{
    struct sockaddr_ll a = {.sll_family = AF_PACKET,
                            .sll_protocol = htons(ETH_P_ALL),
                            .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq all = {.mr_ifindex = a.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    int                fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0) {
        perror(name);
        exit(1);
    }
    return fd;
}

/* False: it is not TCP over IPv4, or has no bytes in it. */
static bool take_apart(const frame *f, parts *ret)
{
    size_t end;

    if (f->size < ETHER_HDR_LEN + sizeof ret->ip + sizeof ret->tcp || f->bytes[12] != 8 ||
        f->bytes[13] != 0)
        return false;
    ret->ip_at = ETHER_HDR_LEN;
    memcpy(&ret->ip, f->bytes + ret->ip_at, sizeof ret->ip);
    ret->tcp_at = ret->ip_at + ret->ip.ihl * 4u;
    if (ret->ip.protocol != IPPROTO_TCP || ret->tcp_at + sizeof ret->tcp > f->size)
        return false;
    memcpy(&ret->tcp, f->bytes + ret->tcp_at, sizeof ret->tcp);
    ret->data_at = ret->tcp_at + ret->tcp.doff * 4u;
    end = ret->ip_at + ntohs(ret->ip.tot_len);
    if (end > f->size || ret->data_at >= end)
        return false;
    ret->data_size = end - ret->data_at;
    return true;
}

/* ---- watching -------------------------------------------------------------------------------- */

static void watch(const frame *f, const parts *p, const char *word)
{
    static unsigned count;
    static bool     seen;

    if (!seen && memmem(f->bytes + p->data_at, p->data_size, word, strlen(word)) != NULL) {
        seen = true;
        printf("seen\n");
    }
    if (++count % EACH_WATCH == 0)
        printf("passed\n");
}

/* ---- forging --------------------------------------------------------------------------------- */

static uint32_t add_up(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* Behind the frame that was seen, as its sender would go on: with bytes that he has not said. */
static size_t forge(const frame *f, const parts *seen, uint8_t *ret)
{
    parts    p = *seen;
    size_t   size = p.data_at + FORGED;
    uint32_t sum;

    memcpy(ret, f->bytes, p.data_at);
    memset(ret + p.data_at, 0x28, FORGED); /* a record of the size 0x2828 begins so */
    p.ip.tot_len = htons((uint16_t)(size - p.ip_at));
    p.ip.check = 0;
    memcpy(ret + p.ip_at, &p.ip, sizeof p.ip);
    p.ip.check = fold(add_up(ret + p.ip_at, p.tcp_at - p.ip_at));
    memcpy(ret + p.ip_at, &p.ip, sizeof p.ip);
    p.tcp.seq = htonl(ntohl(p.tcp.seq) + (uint32_t)p.data_size);
    p.tcp.check = 0;
    memcpy(ret + p.tcp_at, &p.tcp, sizeof p.tcp);
    sum = add_up((uint8_t *)&p.ip.saddr, 4) + add_up((uint8_t *)&p.ip.daddr, 4) + IPPROTO_TCP +
          (uint32_t)(size - p.tcp_at) + add_up(ret + p.tcp_at, size - p.tcp_at);
    p.tcp.check = fold(sum);
    memcpy(ret + p.tcp_at, &p.tcp, sizeof p.tcp);
    return size;
}

static void go_on(int fd, const frame *f, const parts *p, uint16_t port)
{
    static uint8_t  forged[FRAME_MAX + FORGED];
    static unsigned count;

    if (ntohs(p->tcp.dest) != port || ++count % EACH != 0)
        return;
    if (write(fd, forged, forge(f, p, forged)) < 0)
        perror("forging");
    else
        printf("forged\n");
}

/* ---------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    static frame  f;
    parts         p;
    bool          watches = argc == 4 && strcmp(argv[1], "watch") == 0;
    uint16_t      port = argc == 4 ? (uint16_t)strtoul(argv[3], NULL, 10) : 0;
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};

    if (argc != 4 || (!watches && strcmp(argv[1], "forge") != 0)) {
        fprintf(stderr, "usage: see wire.c\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    fds[1].fd = open_interface(argv[2]);
    printf("watching\n");
    while (poll(fds, 2, -1) > 0 && fds[0].revents == 0) {
        ssize_t n = read(fds[1].fd, f.bytes, sizeof f.bytes);
        f.size = n > 0 ? (size_t)n : 0;
        if (!take_apart(&f, &p))
            continue;
        if (watches)
            watch(&f, &p, argv[3]);
        else
            go_on(fds[1].fd, &f, &p, port);
    }
    printf("done\n");
    return 0;
}
