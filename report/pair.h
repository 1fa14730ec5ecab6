/*
 * The two servers that a part's finding speaks of: a thread for each connection against the plain loop, as
 * nearly every part has both; where it has not, the nearest to them that it has.
 */
#ifndef TENK_REPORT_PAIR_H
#define TENK_REPORT_PAIR_H

#include "report/part.h"

struct pair {
	/* Borrowed from the part. `over` is NULL where it has one server only, both where it has none. */
	const char *of, *over;
	bool threads_and_loop; /* the families that tenk is about, one of each */
};

struct pair pair_find(const struct part *part);

/*
 * The point at which the two are compared: with both figures if there is one, of these that with the
 * connections nearest to 64 (in proportion), or the most of them where requests wait for
 * something (`most`); with the fewest of them active where that varies, since the idle are what
 * ways to wait differ in; the last of equals. NULL: neither has a figure anywhere.
 */
const json_t *pair_point(const struct part *part, const struct pair *pair, const char *metric,
			 bool most);

/*
 * Where both keep up with what is offered, since response times of who does not only grow: of such points that
 * nearest to half of the capacity, or the last one where shares of it are not what varies. As pair_point
 * where there is none.
 */
const json_t *pair_point_kept_up(const struct part *part, const struct pair *pair,
				 const char *metric);

/* The family of a server, or the architecture of other people's: "threads", "loops"; "" if not known. */
const char *pair_family(const struct part *part, const char *server);

#endif
