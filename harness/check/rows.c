/* The suite's rows as one list, and which of them a server is asked. */
#include "harness/check/rows.h"

#include <string.h>
#include <strings.h>

static const struct check_table *const tables[] = {
	&check_rows_serving, &check_rows_connections, &check_rows_request_line,
	&check_rows_fields,  &check_rows_framing,     &check_rows_limits,
};

enum { TABLES = sizeof tables / sizeof *tables };

size_t check_row_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < TABLES; i++)
		count += tables[i]->count;
	return count;
}

const struct check_row *check_row_at(size_t index)
{
	for (size_t i = 0; i < TABLES; i++) {
		if (index < tables[i]->count)
			return &tables[i]->rows[index];
		index -= tables[i]->count;
	}
	return NULL;
}

const struct check_row *check_row_find(const char *name)
{
	for (size_t i = 0; i < TABLES; i++)
		for (size_t j = 0; j < tables[i]->count; j++)
			if (strcmp(tables[i]->rows[j].name, name) == 0)
				return &tables[i]->rows[j];
	return NULL;
}

const char *check_row_name(const struct check_row *row)
{
	return row->name;
}

/* The path of the request's target; NULL: it has none. */
static const char *path_of(const char *request)
{
	static const char scheme[] = "http://";
	const char *target = request ? strchr(request + strspn(request, "\r\n"), ' ') : NULL;

	if (!target)
		return NULL;
	target++;
	if (strncasecmp(target, scheme, sizeof scheme - 1) == 0)
		target = strchr(target + sizeof scheme - 1, '/');
	return target && *target == '/' ? target : NULL;
}

static unsigned route_of(const char *request)
{
	static const struct {
		const char *path;
		enum check_route route;
	} routes[] = {{"/plaintext", CHECK_PLAINTEXT}, {"/json", CHECK_JSON},
		      {"/bytes/", CHECK_BYTES},	       {"/wait/", CHECK_WAIT},
		      {"/block/", CHECK_BLOCK},	       {"/cpu/", CHECK_CPU},
		      {"/calls/", CHECK_CALLS},	       {"/echo", CHECK_ECHO}};
	const char *path = path_of(request);

	for (size_t i = 0; path && i < sizeof routes / sizeof *routes; i++)
		if (strncmp(path, routes[i].path, strlen(routes[i].path)) == 0)
			return routes[i].route;
	return CHECK_NO_ROUTE;
}

/* A refusal comes before anybody looks for the route. */
static bool is_refusal(const struct check_row *row)
{
	return row->expect.closes && row->expect.answer[0] != '2';
}

/* Rows without a request of their own make a POST of /echo, or say what they need. */
static bool sends_post(const struct check_row *row)
{
	return row->request ? strncmp(row->request, "POST ", 5) == 0 : row->needs & CHECK_ECHO;
}

bool check_row_applies(const struct check_row *row, const struct check_target *target)
{
	unsigned needs = row->needs;

	if (!target->foreign)
		return true;
	if (row->ours || (target->no_post && sends_post(row)))
		return false;
	if (needs == 0 && !is_refusal(row))
		needs = route_of(row->request);
	return (needs & ~(unsigned)CHECK_NO_ROUTE & ~target->routes) == 0;
}
