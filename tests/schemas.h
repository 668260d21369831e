/* schemas.h -- random schemas, valid and of every form of the language, out of test_random(). */
#ifndef TEST_SCHEMAS_H
#define TEST_SCHEMAS_H

#include <stdio.h>

/* test_seed(), so that also schemas of neighbouring seeds have nothing in common. */
void schemas_seed(unsigned long seed);

/* The text of a .kmsg file. What it declares lies in `module`. */
void schemas_write(const char *module, FILE *out);

#endif
