/* outline.h -- does a service look the same to both sides of a session? Before it begins, they
 * compare how each of them was generated: what idl/evolution.md calls safe for messages passes, and
 * what is not is told in words, before anything is read as what it is not.
 *
 * An outline (kmsg.names.Outline) is made of the descriptors. Its `print` is a hash of all of it,
 * the same on each machine and by each compiler: equal prints are of equal schemas, and nothing
 * more is looked at. Its `methods` are a kmsg.outline.Form as a message: idl/schemas/outline.kmsg.
 *
 * Two outlines do not tell which of them is older. What is safe one way only (a method that only
 * one has, an enum that only one closes) passes here; calls then fail with an error of their own,
 * and values that a reader does not know are refused by it. Descriptors do not have the errors that
 * a method throws; roles, deadlines and what is idempotent are not compared.
 */
#ifndef KMI_OUTLINE_H
#define KMI_OUTLINE_H

#include <kmsg/names.kmsg.h>
#include <kmsg/outline.kmsg.h>

#define KMI_OUTLINE_MAX 65536u /* bytes of `methods` */

/* Of a service and all that it inherits from, into `mem`; `ret` points to the name of the service.
 * Where the form is too large it is made without names, and if it still is, `methods` is empty.
 * KMSG_ENOMEM. Takes some microseconds for each record. */
KMSG_CHECK kmsg_err kmi_outline(const kmsg_service *service, kmsg_arena *mem,
                                kmsg_names_Outline *ret);

/* KMSG_OK: each can read what the other writes. KMSG_EMISMATCH, with words: "PackageIndex.find: its
 * answer's field 3 'tags' is string here and list<string> there"; KMSG_EDECODE: theirs is no
 * outline; KMSG_ENOMEM. `mem` is for scratch. Any thread. */
KMSG_CHECK kmsg_err kmi_outline_check(const kmsg_service *mine, const kmsg_names_Outline *theirs,
                                      kmsg_arena *mem);

/* outline_form.c: the descriptors as a form. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_outline_form(const kmsg_service *service, kmsg_arena *mem,
                                     kmsg_outline_Form *ret);

uint64_t kmi_outline_hash(kmsg_bytes bytes);

#endif
