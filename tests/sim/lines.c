/* lines.c -- the lines between hosts, which can be cut in each direction, and the hosts' power. */
#include "inside.h"

#include <string.h>

static bool cut[WORLD_HOSTS][WORLD_HOSTS];
static bool off[WORLD_HOSTS];

void lines_begin(void)
{
    memset(cut, 0, sizeof cut);
    memset(off, 0, sizeof off);
}

bool net_is_blocked(unsigned from, unsigned to)
{
    return from >= WORLD_HOSTS || to >= WORLD_HOSTS || off[from] || off[to] || cut[from][to];
}

void world_cut(unsigned from, unsigned to, bool is_cut)
{
    world_note(is_cut ? "cut" : "mend", from, to);
    cut[from][to] = is_cut;
    net_look_for_healed();
}

void world_heal(void)
{
    world_note("heal", 0, 0);
    memset(cut, 0, sizeof cut);
    net_look_for_healed();
}

void world_power(unsigned host, bool on)
{
    world_note(on ? "power on" : "power off", host, 0);
    off[host] = !on;
    net_look_for_healed();
}

bool world_is_cut(void)
{
    for (unsigned a = 0; a < WORLD_HOSTS; a++)
        for (unsigned b = 0; b < WORLD_HOSTS; b++)
            if (cut[a][b])
                return true;
    return false;
}
