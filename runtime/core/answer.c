/* answer.c -- what a call is told: its answer, a failure, or that its message has been released.
 *
 * At most one of them goes out, and only while somebody waits for it: the first. The others are
 * dropped here, so that nobody else has to know.
 */
#include "core/core.h"

#include "base/err.h"

#include <string.h>

bool kmi_can_answer(const kmsg_call *call)
{
    return !call->over && !call->oneway && !call->answered && call->conn->state == KMI_CONN_UP;
}

/* A failure with words or a thrown error behind it. */
static void send_failure(kmi_conn *conn, uint32_t id, kmsg_err err, kmsg_bytes words)
{
    kmi_frame frame = {
        .kind = KMI_FAIL, .call = id, .aux = (uint32_t)err, .size = KMI_HEADER_SIZE + words.size};
    uint8_t *at;
    kmsg_err full = KMSG_OK;

    if (words.size > 0)
        full = kmi_out_reserve(&conn->out, frame.size, KMSG_SEND_QUEUE_MAX, &at);
    if (words.size == 0 || full != KMSG_OK) { /* a code has room where words have none */
        kmi_conn_control(conn, KMI_FAIL, id, (uint32_t)(err == KMSG_ETHROWN ? full : err));
        return;
    }
    kmi_frame_put(at, &frame);
    memcpy(at + KMI_HEADER_SIZE, words.data, words.size);
    kmi_out_commit(&conn->out, frame.size);
    kmi_conn_written(conn);
}

kmsg_bytes kmi_words_of(const char *text)
{
    size_t size = strlen(text);

    return (kmsg_bytes){(const uint8_t *)text, size < KMI_WORDS_MAX ? size : KMI_WORDS_MAX};
}

void kmi_answer_failure(kmsg_call *call, kmsg_err err, kmsg_bytes words)
{
    if (!kmi_can_answer(call))
        return;
    call->answered = true;
    kmi_call_leave_slot(call);
    send_failure(call->conn, call->id, err, words);
}

void kmi_answer_error(kmsg_call *call, kmsg_err err, const char *text)
{
    kmi_answer_failure(call, err, kmi_words_of(text));
}

/* With nothing: the message has been released, or all was streamed. */
void kmi_acknowledge(kmsg_call *call)
{
    if (!kmi_can_answer(call))
        return;
    call->answered = true;
    kmi_call_leave_slot(call);
    kmi_conn_control(call->conn, KMI_ANSWER, call->id, 0);
}

void kmi_answer(kmsg_call *call, const kmsg_layout *layout, const void *result)
{
    kmi_frame frame = {.kind = KMI_ANSWER, .call = call->id};
    uint8_t  *at;
    size_t    size;
    kmsg_err  err;

    if (!kmi_can_answer(call))
        return;
    if (layout == NULL) {
        kmi_acknowledge(call);
        return;
    }
    err = kmi_conn_put(call->conn, &call->conn->out, KMI_HEADER_SIZE, layout, result, &at, &size);
    if (err != KMSG_OK) {
        if (err == KMSG_EVALUE || err == KMSG_EDEPTH || err == KMSG_EFULL)
            err = KMSG_EFAILED; /* EFULL is said of requests that were not sent */
        kmi_answer_error(call, err, kmsg_last_error());
        return;
    }
    call->answered = true;
    call->conn->addressed |= layout->has_addresses;
    kmi_call_leave_slot(call);
    frame.size = KMI_HEADER_SIZE + size;
    kmi_frame_put(at, &frame);
    kmi_out_commit(&call->conn->out, frame.size);
    kmi_conn_written(call->conn);
}

void kmi_answer_as_is(kmsg_call *call, kmsg_err err, kmsg_bytes body)
{
    kmi_frame frame = {.kind = KMI_ANSWER, .call = call->id, .size = KMI_HEADER_SIZE + body.size};
    uint8_t  *at;

    if (!kmi_can_answer(call))
        return;
    if (err != KMSG_OK) {
        kmi_answer_failure(call, err, body);
        return;
    }
    call->answered = true;
    kmi_call_leave_slot(call);
    if (kmi_out_reserve(&call->conn->out, frame.size, KMSG_SEND_QUEUE_MAX, &at) != KMSG_OK) {
        kmi_conn_control(call->conn, KMI_FAIL, call->id, (uint32_t)KMSG_ELOST);
        return; /* it may have been handled, and that is all that can be said */
    }
    kmi_frame_put(at, &frame);
    memcpy(at + KMI_HEADER_SIZE, body.data, body.size);
    kmi_out_commit(&call->conn->out, frame.size);
    kmi_conn_written(call->conn);
}
