/* What the servers of a part are set against, and how they stand to it: one figure for all outputs. */
#ifndef TENK_REPORT_AGAINST_H
#define TENK_REPORT_AGAINST_H

#include "report/part.h"
#include "stored/block_ratio.h"

/*
 * The server that ratios are to: epoll, the plain loop that the other models are explained by; where it was
 * not measured the loop that the scenario names first, else the server that it names first. NULL: there are
 * no two to compare. Borrowed.
 */
const char *against_server(const struct part *part);

/*
 * A server's metric as a multiple of that of against_server(), block by block at a point (NULL: over
 * all). Without a count where it is that server itself, where a percentile may not be shown, or where nothing
 * is found.
 */
struct block_ratio against_ratio(const struct part *part, const char *server, const json_t *point,
				 const char *metric);

#endif
