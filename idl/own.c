/* own.c -- which types bring C names of their own, made from where they stand. */
#include "idl/model.h"

bool idl_has_struct(const idl_type *type)
{
    switch (type->kind) {
    case IDL_MAP:
    case IDL_ARRAY: return true;
    case IDL_LIST:
    case IDL_SET:
        switch (type->item->kind) {
        case IDL_LIST:
        case IDL_SET:
        case IDL_MAP:
        case IDL_ARRAY:
        case IDL_REF: return true;
        default: return false;
        }
    default: return false;
    }
}

bool idl_has_descriptor(const idl_type *type)
{
    return type->limits != NULL || type->kind == IDL_SET || type->kind == IDL_REF ||
           idl_has_struct(type) || (type->kind == IDL_LIST && idl_has_descriptor(type->item));
}
