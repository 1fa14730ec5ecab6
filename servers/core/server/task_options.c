#include "servers/core/server/task_options.h"

#include "lib/units.h"
#include "servers/core/tasks/backend/backend.h"
#include "servers/core/tasks/database/database.h"
#include "servers/core/tasks/kinds/file_served.h"

#include <limits.h>

static void parse_count(const char *name, const char *argument, uint64_t least, uint64_t most,
			unsigned *count, struct argp_state *state)
{
	struct error error;
	uint64_t number = 0;

	if (units_parse_integer(UNIT_COUNT, argument, &number, &error) < 0)
		argp_error(state, "--%s: %s", name, error.text);
	if (number < least || number > most)
		argp_error(state, "--%s: %s is outside %llu to %llu", name, argument,
			   (unsigned long long)least, (unsigned long long)most);
	*count = (unsigned)number;
}

error_t task_options_parse(int key, char *argument, struct argp_state *state)
{
	struct server_options *options = state->input;

	switch (key) {
	case OPTION_DATABASE:
		options->database = argument;
		break;
	case OPTION_DATABASE_CONNECTIONS:
		parse_count("database-connections", argument, 1, DATABASE_CONNECTIONS_MOST,
			    &options->database_connections, state);
		break;
	case OPTION_BACKEND:
		options->backend = argument;
		break;
	case OPTION_FETCH_CONNECTIONS:
		parse_count("fetch-connections", argument, 0, BACKEND_IDLE_MOST,
			    &options->fetch_connections, state);
		break;
	case OPTION_FILES:
		options->files = argument;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (server_model.traits & MODEL_FLOOR)
		argp_error(state,
			   "server-%s has no routes: neither --database, --backend nor --files",
			   server_model.name);
	return 0;
}

/* Which cannot share a connection. */
static unsigned process_count(const struct server_options *options)
{
	uint64_t own = server_model.max_connections ? server_model.max_connections(options) : 0;
	uint64_t told = options->terms.max_connections, most = own ? own : told;

	if (!(server_model.traits & MODEL_MULTI_PROCESS))
		return 0;
	if (told && told < most)
		most = told;
	return most && most < UINT_MAX ? (unsigned)most : UINT_MAX;
}

int task_options_open(const struct server_options *options, struct error *error)
{
	const struct database_users users = {.connections = options->database_connections,
					     .processes = process_count(options)};
	int result = 0;

	if (options->database)
		result = database_open(options->database, &users, error);
	if (result == 0 && options->backend)
		result = backend_open(options->backend, options->fetch_connections, error);
	if (result == 0 && options->files)
		result = file_folder_open(options->files, error);
	return result;
}
