#include "harness/catalogue/foreign_request.h"

#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_FIRST = 1000, KEY_START_TIMEOUT = KEY_FIRST + FOREIGN_SOURCES };

static const uint64_t longest_start_ns = 3600 * NS_PER_S;

const struct foreign_source foreign_sources[FOREIGN_SOURCES] = {
	{"server-manifest", "server_manifests", catalogue_add_manifest, false},
	{"server-cmd", "server_commands", catalogue_add_command, true},
	{"url", "server_urls", catalogue_add_url, true},
};

/* In the order of the sources. */
static const struct argp_option option_table[] = {
	{"server-manifest", KEY_FIRST, "FILE", 0,
	 "add the server that a manifest describes (docs/reference-servers.md)", 0},
	{"server-cmd", KEY_FIRST + 1, "COMMAND", 0,
	 "add the server that it starts; {port} stands for a free port", 0},
	{"url", KEY_FIRST + 2, "URL", 0, "add the server that runs at http://127.0.0.1:PORT", 0},
	{"start-timeout", KEY_START_TIMEOUT, "TIME", 0,
	 "how long a server may take to start, such as 30s (default: as its manifest says, or 10s)",
	 0},
	{0},
};

static void parse_start_timeout(struct foreign_request *request, const char *text,
				struct argp_state *state)
{
	struct error error;

	if (units_parse_integer(UNIT_DURATION, text, &request->start_timeout_ns, &error) < 0)
		argp_error(state, "--start-timeout: %s", error.text);
	else if (request->start_timeout_ns < NS_PER_MS ||
		 request->start_timeout_ns > longest_start_ns)
		argp_error(state, "--start-timeout: %s is outside 1ms to 1h", text);
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct foreign_request *request = state->input;
	size_t source = (size_t)(key - KEY_FIRST);

	if (key == KEY_START_TIMEOUT) {
		parse_start_timeout(request, text, state);
		return 0;
	}
	if (key < KEY_FIRST || source >= FOREIGN_SOURCES)
		return ARGP_ERR_UNKNOWN;
	if (request->counts[source] == FOREIGN_MOST)
		argp_error(state, "--%s: more than %d", foreign_sources[source].option,
			   FOREIGN_MOST);
	request->texts[source][request->counts[source]++] = text;
	return 0;
}

const struct argp foreign_argp = {option_table, parse_option, NULL, NULL, NULL, NULL, NULL};

bool foreign_request_is_empty(const struct foreign_request *request)
{
	for (size_t i = 0; i < FOREIGN_SOURCES; i++)
		if (request->counts[i] > 0)
			return false;
	return request->start_timeout_ns == 0;
}

int foreign_request_add(struct catalogue *catalogue, const struct foreign_source *source,
			const char *text, struct added_server **added, size_t *count,
			struct error *error)
{
	struct added_server *grown = reallocarray(*added, *count + 1, sizeof *grown);
	int result;

	if (!grown) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	*added = grown;
	grown[*count].always = source->always;
	result = source->add(catalogue, text, &grown[*count].name, error);
	*count += result == 0;
	return result;
}

static bool is_chosen(const char *const *chosen, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(chosen[i], name) == 0)
			return true;
	return false;
}

const char **foreign_request_choose(const char *const *servers, size_t server_count,
				    const struct added_server *added, size_t added_count,
				    size_t *count, struct error *error)
{
	const char **chosen = calloc(server_count + added_count + 1, sizeof *chosen);

	*count = 0;
	if (!chosen) {
		error_set(error, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < server_count; i++) {
		if (is_chosen(chosen, *count, servers[i])) {
			error_set(error, "--servers names %s twice", servers[i]);
			free(chosen);
			return NULL;
		}
		chosen[(*count)++] = servers[i];
	}
	for (size_t i = 0; i < added_count; i++)
		if ((added[i].always || server_count == 0) &&
		    !is_chosen(chosen, *count, added[i].name))
			chosen[(*count)++] = added[i].name;
	return chosen;
}
