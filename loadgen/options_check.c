/* Which options go together. An option that would have no effect is an error, not ignored. */
#include "loadgen/options_rows.h"

#include <string.h>

bool options_were_given(const struct options *options, const char *name)
{
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name && strcmp(option_rows[i].name, name) == 0)
			return options->given >> i & 1;
	return false;
}

const char *options_find_contradiction(const struct options *options)
{
	bool rate = options->rate_per_s > 0, stages = options->stages.count > 0;
	bool burst = options->burst, search = options->find_max_ns > 0;
	bool of_connections = stages && options->stages.of_connections;
	bool of_rates = stages && !of_connections;
	bool open_loop = rate || of_rates || burst || search;
	bool arrivals = options_were_given(options, "arrivals");
	bool active = options->connections > 0;
	bool https = options_is_https(options);
	bool slices = options_were_given(options, "slices-fd");
	const struct {
		bool wrong;
		const char *text;
	} rows[] = {
		{!options->url, "say what to load: http[s]://HOST:PORT/PATH"},
		{rate + stages + burst + search > 1,
		 "only one of --rate, --stages, --burst and --find-max"},
		{of_connections && options_were_given(options, "connections"),
		 "--stages of connections say how many there are: leave --connections out"},
		{options->requests_max > 0 && (stages || burst || search),
		 "--requests-max does not go with --stages, --burst and --find-max"},
		{!active && options->requests_max > 0,
		 "--requests-max needs connections to send on"},
		{stages && options_were_given(options, "duration"),
		 "--stages say how long they last: leave --duration out"},
		{!active && options_crowd(options) == 0, "--connections 0 needs --idle N"},
		{!active && (open_loop || stages),
		 "--rate, --stages, --burst and --find-max need connections to send on"},
		{arrivals && burst, "--arrivals does not go with --burst: that is due all at once"},
		{arrivals && search && options->arrivals != ARRIVALS_POISSON,
		 "--find-max looks for a Poisson rate: it takes no other --arrivals"},
		{arrivals && !rate && !of_rates && !search,
		 "--arrivals needs a --rate, or --stages of rates"},
		{options->spin_ns > 0 && !open_loop,
		 "--spin waits for what is due: it needs --rate, --stages of rates, --burst or "
		 "--find-max"},
		{options_were_given(options, "outstanding") && !burst,
		 "--outstanding belongs to --burst"},
		{options_were_given(options, "slow-rate") &&
			 options->slow_readers + options->slow_writers == 0,
		 "--slow-rate needs --slow-readers or --slow-writers"},
		{options->log_interval_ns > 0 && !options->log_file,
		 "--log-interval needs a --log to write to"},
		{options->log_interval_ns > 0 && search,
		 "--log-interval does not go with --find-max, whose trials are runs of their own"},
		{options->connections_max > 0 && (!open_loop || burst),
		 "--connections-max opens more when none is free for what is due: it needs --rate, "
		 "--stages of rates or --find-max"},
		{options->connections_max > 0 && options->connections_max < options->connections,
		 "--connections-max is less than --connections"},
		{slices && (stages || burst || search || options->requests_max > 0),
		 "--slices-fd does not go with --stages, --burst, --find-max and --requests-max: what "
		 "it says is how long the load lasts"},
		{slices && options_were_given(options, "duration"),
		 "--slices-fd says how long each slice lasts: leave --duration out"},
		{slices && !active, "--slices-fd needs connections to send on"},
		{slices && options->think_time_ns > 0,
		 "--slices-fd does not go with --think-time: those who think would all begin at once "
		 "with each slice"},
		{slices && options->slow_readers + options->slow_writers > 0,
		 "--slices-fd does not go with --slow-readers and --slow-writers, which never rest"},
		{slices && options->watch,
		 "--slices-fd does not go with --watch: at rest there is nothing to be seen"},
		{options->connect_to && options->unix_path,
		 "only one of --connect-to and --unix: both say where to connect"},
		{options->source && options->unix_path,
		 "--source is an address to connect from: it does not go with --unix"},
		{!https && (options->insecure || options->tls_ca ||
			    options_were_given(options, "tls-sessions")),
		 "--insecure, --tls-ca and --tls-sessions belong to https://"},
		{options->insecure && options->tls_ca,
		 "--insecure trusts all: --tls-ca would have no effect"},
		{options->think_time_ns > 0 && open_loop, "--think-time belongs to a closed loop"},
		{options->requests_file && options->request_count > 0,
		 "--requests and --request are the same in two ways: use one"},
		{options->requests_file && (options->expect.body || options->expect.has_crc32),
		 "of --requests each has a body of its own: its \"expect\" says which, not --expect-body "
		 "and --expect-crc32"},
		{options->requests_file && (options->method || options->body),
		 "--method and --body are part of --requests where that is used"},
		{options->request_count > 1 && (options->expect.body || options->expect.has_crc32),
		 "of several --request each has a body of its own: write --expect-body and "
		 "--expect-crc32 behind the one they belong to"},
		{options->request_count > 0 && (options->method || options->body),
		 "--method and --body are part of --request where that is used"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].wrong)
			return rows[i].text;
	return NULL;
}
