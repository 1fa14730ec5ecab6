/* The kinds of request of a part whose load is a mix, and the keys of their metrics. */
#ifndef TENK_REPORT_KINDS_H
#define TENK_REPORT_KINDS_H

#include "report/part.h"

enum { KINDS_KEY_SIZE = 100 };

/* How many; 0: its load is no mix. */
size_t kinds_count(const struct part *part);

/* The name of one, "quick", and what it asks for, "GET /plaintext"; borrowed. */
const char *kinds_name(const struct part *part, size_t index);
const char *kinds_request(const struct part *part, size_t index, char *text, size_t size);

/* Which share of all requests it is. */
double kinds_share(const struct part *part, size_t index);

/* "latency_p99_ns@quick" into `key`, which is returned. */
const char *kinds_key(char key[KINDS_KEY_SIZE], const char *metric, const char *kind);

/* Whether some server has a value of that metric above a bound at some point; the bound may be -INFINITY. */
bool kinds_have(const struct part *part, const char *metric, double above);

#endif
