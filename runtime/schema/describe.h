/* describe.h -- a checked schema as the descriptors of kmsg/gen.h, made at run time.
 *
 * What comes out is what kmsgc writes into X.kmsg.c for the same schema, but for the straight-line
 * code: its layouts have no row functions, so the codec goes through the descriptors. Memory is the
 * arena of the front end's sources; where it runs out the sources' no_memory is called.
 */
#ifndef KMI_DESCRIBE_H
#define KMI_DESCRIBE_H

#include "idl/model.h"
#include "idl/names.h"

#include <kmsg/gen.h>

/* What there is of one record, error, fixed record or union. Addresses stay, so that descriptors of
 * records which lead to one another can be made in any order. */
typedef struct kmi_shape {
    const idl_record *record;
    kmsg_type         type, list; /* list<it> */
    kmsg_layout       layout;
    uint32_t          align;       /* of the C struct */
    bool              has_initial; /* some default is not zero */
    const void       *initial;     /* all defaults, or NULL */
} kmi_shape;

typedef struct kmi_describer {
    idl_sources *sources;
    kmi_shape   *shapes; /* by idl_record.index */
    size_t       count;
    idl_names    enums;   /* qualified name -> kmi_enum_types */
    idl_names    aliases; /* qualified name -> kmsg_type */
} kmi_describer;

/* All records of a model, with the arguments and results of its methods. False when one would be
 * too large for C. */
bool kmi_describe(kmi_describer *d, const idl_model *model);

/* A type that stands at `place`, which names what is made for it alone ("Person_scores"). */
const kmsg_type *kmi_describe_type(kmi_describer *d, const idl_type *type, const char *place);

/* ---- in C (csize.c) -------------------------------------------------------------------------- */

/* Arrays of arrays grow fast: what reaches this many bytes is refused, and sizes stop there. */
#define KMI_C_SIZE_MAX ((uint32_t)1 << 30)

/* Of the C value, were it not optional. Records that it contains must have been sized before. */
uint32_t kmi_c_size(const kmi_describer *d, const idl_type *type);
uint32_t kmi_c_align(const kmi_describer *d, const idl_type *type);

/* A struct on its way: members one behind the other, as the C compiler places them. */
typedef struct kmi_struct {
    uint32_t size, align;
} kmi_struct;

uint32_t kmi_struct_add(kmi_struct *s, uint32_t size, uint32_t align); /* its offset */
uint32_t kmi_struct_end(const kmi_struct *s);                          /* sizeof */

/* Of a field as a member: optional records and tables are pointers. */
uint32_t kmi_member_add(const kmi_describer *d, kmi_struct *s, const idl_type *type);

/* Give the shape its size and alignment, and `fields` the offsets of its members; of a union
 * fields[0] is `unknown`, and those of the schema follow. */
void kmi_size_record(const kmi_describer *d, kmi_shape *shape, kmsg_field *fields);

/* ---- defaults (initial.c) -------------------------------------------------------------------- */

/* The default of a field differs from zero. */
bool kmi_has_initial(const kmi_describer *d, const idl_field *f);

/* Write all defaults of a record into zeroed memory of its size. */
void kmi_fill_initial(const kmi_describer *d, const kmi_shape *shape, uint8_t *to);

/* A number of the schema; 0 where there is none. */
double kmi_double_of(const idl_value *v);

#endif
