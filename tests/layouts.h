/* layouts.h -- records of every form, with generated code, from the schemas of tests/unit. The
 * fuzzer of the decoder chooses by the index: new ones go to the end.
 */
#ifndef TEST_LAYOUTS_H
#define TEST_LAYOUTS_H

#include "everything.kmsg.h"
#include "kinds.kmsg.h"
#include "language.kmsg.h"

static const kmsg_layout *const test_layouts[] = {
    &every_Person_layout, &every_Scalars_layout,  &every_V1_layout,     &every_V2_layout,
    &every_V2b_layout,    &every_V1s_layout,      &every_V2s_layout,    &every_Batch_layout,
    &every_Tick_layout,   &every_Vec_layout,      &every_Empty_layout,  &kinds_Box_layout,
    &kinds_Node_layout,   &kinds_Old_layout,      &kinds_New_layout,    &kinds_Circle_layout,
    &lang_Scalars_layout, &lang_Optionals_layout, &lang_Limited_layout, &lang_Arrays_layout,
    &lang_Sets_layout,    &lang_Maps_layout,      &lang_Unions_layout,  &lang_Lists_layout,
    &lang_Node_layout,    &lang_Tree_layout,      &lang_Graph_layout,   &lang_Cell_layout};

#define TEST_LAYOUTS (sizeof test_layouts / sizeof *test_layouts)

#endif
