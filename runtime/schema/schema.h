/* schema.h -- what a kmsg_schema holds, for the files of this folder. */
#ifndef KMI_SCHEMA_H
#define KMI_SCHEMA_H

#include "schema/describe.h"

#include <kmsg/schema.h>

#include <setjmp.h>

struct kmsg_schema {
    idl_sources        sources; /* all memory below is its arena's */
    const idl_model   *model;
    kmi_describer      d;
    idl_names          qualified; /* name -> idl_decl */
    idl_names          plain;     /* name -> plain_name */
    const idl_record **records;   /* records and errors, as kmsg_schema_at() counts them */
    size_t             record_count;
    kmsg_service      *services; /* as kmsg_schema_service_at() counts them */
    size_t             service_count;
    kmsg_topic        *topics; /* in the same way */
    size_t             topic_count;
    idl_names          texts; /* what kmsg_schema_type() has made: text -> kmsg_type */
    jmp_buf            no_memory;
};

/* The declaration that a name means, or NULL. */
const idl_decl *kmi_schema_find(const kmsg_schema *schema, const char *name);

/* service.c: the services and topics of the model, whose records have been described. */
void kmi_describe_services(kmsg_schema *schema);

/* type_text.c: the type that is written as `text`, in the arena. */
kmsg_err kmi_read_type(kmsg_schema *schema, const char *text, const idl_type **ret);

#endif
