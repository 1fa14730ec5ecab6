/*
 * What a JSON object has under a key, where a missing or wrongly typed value is no error: files
 * that an older tenk wrote lack keys, and people edit them.
 */
#ifndef TENK_JSON_H
#define TENK_JSON_H

#include <jansson.h>

/* The number under a key; NAN for null, for a missing key and for any other type. */
double json_number_of(const json_t *object, const char *key);

/* The string under a key, borrowed; "" for null, for a missing key and for any other type. */
const char *json_string_of(const json_t *object, const char *key);

/* The first object of an array that has this string under a key, borrowed; NULL: none has. */
const json_t *json_find(const json_t *array, const char *key, const char *text);

#endif
