/* machine.c -- a traffic light that is a machine of the schema.
 *
 * A handler for each message in each state, and each says which state is next: that is all. Who
 * comes when it is not their turn is saved, and comes again when the state has changed. The light
 * changes with a timer, which is a message like the others.
 */
#include "crossing.kmsg.h"

#define CHANGE 1u /* ids of the timers */
#define ENOUGH 2u

typedef struct light {
    uint32_t yellow_ms;
    uint32_t walk_ms;
} light;

/* ---- cars have green ------------------------------------------------------------------------ */

static Crossing_state on_Cars_Press(void *ctx, kmsg_object *self, kmsg_message *message,
                                    const Press *press)
{
    printf("Cars: %s presses the button\n", press->who.data);
    kmsg_must(kmsg_save(message));
    kmsg_must(kmsg_set_timer(self, CHANGE, ((light *)ctx)->yellow_ms, 0));
    return Crossing_Yellow;
}

static Crossing_state on_Cars_Drive(void *ctx, kmsg_object *self, kmsg_message *message,
                                    const Drive *drive)
{
    (void)ctx;
    (void)self;
    (void)message;
    printf("Cars: %s drives by\n", drive->what.data);
    return Crossing_Cars;
}

/* ---- all wait -------------------------------------------------------------------------------- */

static Crossing_state on_Yellow_Press(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const Press *press)
{
    (void)ctx;
    (void)self;
    printf("Yellow: %s waits\n", press->who.data);
    kmsg_must(kmsg_save(message));
    return Crossing_Yellow;
}

static Crossing_state on_Yellow_Drive(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const Drive *drive)
{
    (void)ctx;
    (void)self;
    printf("Yellow: %s waits\n", drive->what.data);
    kmsg_must(kmsg_save(message));
    return Crossing_Yellow;
}

static Crossing_state on_Yellow_Timer(void *ctx, kmsg_object *self, kmsg_message *message,
                                      const kmsg_Timer *timer)
{
    (void)message;
    (void)timer;
    kmsg_must(kmsg_set_timer(self, ENOUGH, ((light *)ctx)->walk_ms, 0));
    return Crossing_Walk;
}

/* ---- people have green ----------------------------------------------------------------------- */

static Crossing_state on_Walk_Press(void *ctx, kmsg_object *self, kmsg_message *message,
                                    const Press *press)
{
    (void)ctx;
    (void)self;
    (void)message;
    printf("Walk: %s crosses\n", press->who.data);
    return Crossing_Walk;
}

static Crossing_state on_Walk_Drive(void *ctx, kmsg_object *self, kmsg_message *message,
                                    const Drive *drive)
{
    (void)ctx;
    (void)self;
    printf("Walk: %s waits\n", drive->what.data);
    kmsg_must(kmsg_save(message));
    return Crossing_Walk;
}

static Crossing_state on_Walk_Timer(void *ctx, kmsg_object *self, kmsg_message *message,
                                    const kmsg_Timer *timer)
{
    (void)ctx;
    (void)self;
    (void)message;
    (void)timer;
    return Crossing_Cars;
}

/* ---- the street ------------------------------------------------------------------------------ */

static void went_out(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    (void)ctx;
    (void)child;
    (void)value;
    printf("the light goes out: %s\n", kmsg_strerror(err));
}

int main(void)
{
    static const Crossing_impl impl = {Crossing_HANDLERS(on)};
    static light               times = {.yellow_ms = 10, .walk_ms = 20};
    const kmsg_spawn           how = {.returned = went_out};
    const Drive                car = {KMSG_STR("a car")}, bus = {KMSG_STR("a bus")};
    const Press                ada = {KMSG_STR("Ada")}, bob = {KMSG_STR("Bob")};
    kmsg_node                 *node = kmsg_node_new();
    kmsg_object               *root = kmsg_root(node);
    kmsg_address               crossing;

    kmsg_must(Crossing_new(root, &impl, &times, &how, &crossing));
    kmsg_must(Drive_send(root, crossing, &car));
    kmsg_must(Press_send(root, crossing, &ada));
    kmsg_must(Press_send(root, crossing, &bob));
    /* Waits until the bus has been handled for good: it is saved in Yellow and in Walk before that.
     */
    kmsg_must(kmsg_send_wait(root, crossing, &Drive_layout, &bus));
    puts("the bus is through");
    kmsg_must(kmsg_stop(root, crossing));
    kmsg_must(kmsg_wait_children(root, UINT32_MAX));
    kmsg_node_free(node);
    return 0;
}
