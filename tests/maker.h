/* maker.h -- random values of any layout, valid by its schema, out of test_random(). */
#ifndef TEST_MAKER_H
#define TEST_MAKER_H

#include <kmsg/gen.h>

/* What refs can lead to again, so that values share and go round in circles. */
#define MAKER_OBJECTS_MAX 16

typedef struct maker {
    kmsg_arena *mem;
    unsigned    depth; /* of what is being made: deep down it becomes small */
    size_t      made;  /* records and items: after many it becomes small too */
    struct {
        const kmsg_layout *layout;
        void              *value;
    } objects[MAKER_OBJECTS_MAX];
    size_t object_count;
} maker;

/* A value of layout->size bytes in m->mem. */
void *maker_record(maker *m, const kmsg_layout *layout);

/* One of `type` into type->size bytes at `to`. */
void maker_value(maker *m, const kmsg_type *type, void *to);

#endif
