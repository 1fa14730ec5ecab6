#include "servers/core/server/number_option.h"

#include "lib/error.h"
#include "servers/core/server/model.h"

bool number_option_parse(const struct number_option *rows, int key, const char *argument,
			 struct argp_state *state)
{
	struct server_options *options = state->input;
	const struct number_option *row = rows;
	struct error error;
	uint64_t number;

	while (row->key && row->key != key)
		row++;
	if (!row->key)
		return false;
	if (units_parse_integer(row->unit, argument, &number, &error) < 0)
		argp_error(state, "--%s: %s", row->name, error.text);
	if ((number < row->least || number > row->most) && !(row->or_0 && number == 0))
		argp_error(state, "--%s: %s is outside %s", row->name, argument, row->range);
	*(unsigned *)(void *)((char *)options + row->at) = (unsigned)number;
	options->given |= row->given;
	return true;
}
