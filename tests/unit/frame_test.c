/* frame_test.c -- frame headers, and which of them a connection survives. */
#include "test.h"

#include "wire/frame.h"

TEST(a_call_has_the_bytes_that_the_specification_shows)
{
    static const uint8_t wanted[] = {0x20, 0,    0, 0, 2, 0, 0x34, 0x12, 5, 0, 1, 0,
                                     0x88, 0x13, 0, 0, 8, 7, 6,    5,    4, 3, 2, 0x81};
    kmi_frame            f = {.size = 32,
                              .kind = KMI_CALL,
                              .method = 0x1234,
                              .call = 0x10005,
                              .aux = 5000,
                              .target = 0x8102030405060708};
    uint8_t              bytes[24];

    kmi_frame_put(bytes, &f);
    EQ_MEM(bytes, sizeof bytes, wanted, sizeof wanted);
}

TEST(a_header_comes_back_as_it_was_put)
{
    kmi_frame f = {.size = 40, .kind = KMI_TELL, .method = 3, .target = 0x8000000000000001};
    kmi_frame back = {0};
    uint8_t   bytes[40] = {0};

    kmi_frame_put(bytes, &f);
    kmi_frame_get_header(bytes, &back);
    CHECK(kmi_frame_get_body(bytes, &back));
    EQ_UINT(back.size, 40);
    EQ_UINT(back.kind, KMI_TELL);
    EQ_UINT(back.method, 3);
    EQ_UINT(back.target, f.target);
    EQ_PTR(back.body, bytes + 24);
    EQ_UINT(back.body_size, 16);
}

static const struct {
    kmi_frame   frame;
    const char *wrong; /* NULL: nothing */
} headers[] = {
    {{.size = 24, .kind = KMI_CALL, .aux = 1}, NULL},
    {{.size = 23, .kind = KMI_CALL, .aux = 1}, "malformed call"},
    {{.size = 24, .kind = KMI_CALL}, "malformed call"},
    {{.size = 24, .kind = KMI_TELL}, NULL},
    {{.size = 16, .kind = KMI_TELL}, "one-way"},
    {{.size = 24, .kind = KMI_TELL, .call = 1}, "one-way"},
    {{.size = 24, .kind = KMI_TELL, .aux = 1}, "one-way"},
    {{.size = 16, .kind = KMI_ANSWER, .call = 9}, NULL},
    {{.size = 16, .kind = KMI_ANSWER, .aux = 1}, "malformed answer"},
    {{.size = 16, .kind = KMI_ANSWER, .method = 1}, "method"},
    {{.size = 16, .kind = KMI_FAIL, .aux = (uint32_t)KMSG_EFAILED}, NULL},
    {{.size = 16, .kind = KMI_FAIL, .aux = 0}, "malformed failure"},
    {{.size = 16, .kind = KMI_FAIL, .aux = 1}, "malformed failure"},
    {{.size = 23, .kind = KMI_FAIL, .aux = (uint32_t)KMSG_ETHROWN}, "malformed failure"},
    {{.size = 24, .kind = KMI_FAIL, .aux = (uint32_t)KMSG_ETHROWN}, NULL},
    {{.size = 16, .kind = KMI_CANCEL, .call = 9}, NULL},
    {{.size = 17, .kind = KMI_CANCEL, .call = 9}, "cancellation"},
    {{.size = 16, .kind = KMI_PING}, NULL},
    {{.size = 16, .kind = KMI_PING, .call = 1}, "control"},
    {{.size = 16, .kind = KMI_PONG, .aux = 1}, "control"},
    {{.size = 24, .kind = KMI_BYE}, "control"},
    {{.size = 16, .kind = KMI_LEAVE, .aux = KMI_LEAVE_NO}, NULL},
    {{.size = 16, .kind = KMI_LEAVE, .aux = KMI_LEAVE_NO + 1}, "malformed leave"},
    {{.size = 16, .kind = KMI_LEAVE, .call = 1}, "malformed leave"},
    {{.size = 24, .kind = KMI_LEAVE}, "malformed leave"},
    {{.size = 16, .kind = KMI_PING, .flags = 1}, "flags"},
    {{.size = 32, .kind = KMI_HELLO}, "second hello"},
    {{.size = 16, .kind = KMI_KINDS}, "unknown kind"},
    {{.size = 16, .kind = 255, .flags = 2}, "unknown kind"},
    {{.size = 16, .kind = 255, .flags = 1, .call = 77, .aux = 3}, NULL},
    {{.size = 16, .kind = KMI_VOID}, "unknown kind"},
    {{.size = 16, .kind = KMI_VOID, .flags = 1}, NULL},
    {{.size = 15, .kind = KMI_PING}, "impossible size"},
    {{.size = 0, .kind = KMI_PING}, "impossible size"},
    {{.size = KMI_FRAME_MAX, .kind = KMI_ANSWER}, NULL},
    {{.size = KMI_FRAME_MAX + 1, .kind = KMI_ANSWER}, "impossible size"},
};

TEST(each_rule_of_headers_is_held)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *wrong = kmi_frame_check(&headers[i].frame);
        if (headers[i].wrong == NULL)
            EQ_STR(wrong, NULL);
        else
            HAS(wrong, headers[i].wrong);
    }
}

TEST(a_frame_begins_at_a_multiple_of_eight)
{
    EQ_UINT(kmi_frame_room(16), 16);
    EQ_UINT(kmi_frame_room(17), 24);
    EQ_UINT(kmi_frame_room(24), 24);
}

/* The short way must take nothing that the long one refuses. */
TEST(what_is_usual_is_well_formed)
{
    uint64_t random = 88172645463325252u;
    size_t   usual = 0;

    for (int i = 0; i < 2000000; i++) {
        uint8_t   bytes[KMI_HEADER_SIZE] = {0};
        kmi_frame f;
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        kmi_store32(bytes, (uint32_t)(random & 127));
        bytes[4] = (uint8_t)(random >> 7) % (KMI_KINDS + 2);
        bytes[5] = (random >> 15) % 4 == 0 ? (uint8_t)(random >> 17) % 8 : 0;
        bytes[6] = (uint8_t)((random >> 20) % 3);
        bytes[8] = (uint8_t)((random >> 22) % 2);
        bytes[12] = (uint8_t)((random >> 23) % 2);
        kmi_frame_get_header(bytes, &f);
        if (!kmi_frame_is_usual(&f))
            continue;
        usual++;
        CHECK(kmi_frame_check(&f) == NULL);
        CHECK(f.kind == KMI_CALL || f.kind == KMI_TELL || f.kind == KMI_ANSWER);
        CHECK(f.size >= (f.kind == KMI_ANSWER ? KMI_HEADER_SIZE : KMI_REQUEST_SIZE));
    }
    CHECK(usual > 1000);
}

TEST(padding_is_looked_at_to_the_byte)
{
    uint8_t bytes[32];

    for (size_t size = 16; size <= 24; size++) {
        memset(bytes, 0xff, sizeof bytes);
        memset(bytes + size, 0, kmi_frame_room(size) - size);
        CHECK(kmi_frame_is_padded(bytes, size));
        for (size_t at = size; at < kmi_frame_room(size); at++) {
            bytes[at] = 1;
            CHECK(!kmi_frame_is_padded(bytes, size));
            bytes[at] = 0;
        }
    }
}
