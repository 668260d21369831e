/* alarm.c -- timers of objects: each sends its object a kmsg.Timer, through the mailbox like all
 * else, so that a handler is never interrupted.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

struct kmi_alarm {
    kmi_timer    timer;
    kmi_alarm   *next;
    kmsg_object *object;
    uint32_t     id;
    uint32_t     every_ms;
};

static void ring(kmi_timer *timer, int64_t now_ns)
{
    kmi_alarm   *alarm = (kmi_alarm *)(void *)timer;
    kmsg_object *object = alarm->object;
    kmsg_Timer   message = {.id = alarm->id};
    int64_t      every_ns = alarm->every_ms * KMI_MS;
    int64_t      next_ns = timer->at_ns + every_ns; /* not from now on: that would drift */

    if (every_ns > 0) /* what was missed does not come in a burst */
        kmi_timer_set(&object->node->timers, timer, next_ns > now_ns ? next_ns : now_ns + every_ns);
    if (!object->returned && kmi_message_to(object, NULL, &kmsg_Timer_layout, &message) != KMSG_OK)
        kmi_log(KMSG_ERROR, "a timer of an object is lost: %s", kmsg_last_error());
}

static kmi_alarm **find(kmsg_object *object, uint32_t id)
{
    kmi_alarm **at = &object->alarms;

    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static kmsg_err add(kmsg_object *object, uint32_t id, kmi_alarm **ret)
{
    kmi_alarm *alarm = kmi_alloc_zeroed(sizeof *alarm);

    if (alarm == NULL || kmi_timer_init(&object->node->timers, &alarm->timer, ring) != KMSG_OK) {
        kmi_free(alarm);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    alarm->object = object;
    alarm->id = id;
    alarm->next = object->alarms;
    object->alarms = alarm;
    *ret = alarm;
    return KMSG_OK;
}

kmsg_err kmsg_set_timer(kmsg_object *self, uint32_t id, uint32_t after_ms, uint32_t every_ms)
{
    kmsg_node *node = self->node;
    kmi_alarm *alarm = *find(self, id);
    kmsg_err   err = alarm == NULL ? add(self, id, &alarm) : KMSG_OK;

    if (err != KMSG_OK)
        return err;
    alarm->every_ms = every_ms;
    kmi_timer_set(&node->timers, &alarm->timer, node->sys->now_ns() + after_ms * KMI_MS);
    return KMSG_OK;
}

static void remove_at(kmi_alarm **at)
{
    kmi_alarm *alarm = *at;

    *at = alarm->next;
    kmi_timer_done(&alarm->object->node->timers, &alarm->timer);
    kmi_free(alarm);
}

void kmsg_stop_timer(kmsg_object *self, uint32_t id)
{
    kmi_alarm **at = find(self, id);

    if (*at != NULL)
        remove_at(at);
}

void kmi_alarms_done(kmsg_object *object)
{
    while (object->alarms != NULL)
        remove_at(&object->alarms);
}
