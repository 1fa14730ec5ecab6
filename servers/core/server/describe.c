#include "servers/core/server/describe.h"

#include "lib/error.h"
#include "servers/core/tasks/inject.h"
#include "servers/core/tasks/route.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

const struct model_option_row model_option_rows[] = {
	{MODEL_WORKERS, "workers", "no number of threads, processes or loops to choose"},
	{MODEL_STACKS, "stack-size", "no stacks whose size could be chosen"},
	{MODEL_OFFLOAD, "offload", "no loop that something could stop"},
	{MODEL_ACCEPTS, "accepts-per-turn", "no turns in which it accepts by itself"},
	{MODEL_EVENTS, "events-per-wait", "no list that the kernel keeps for it"},
	{MODEL_BUFFER, "buffer", "no buffer that its connections share"},
	{0},
};

unsigned server_takes(const struct server_variant *variant)
{
	unsigned takes = server_model.takes;

	return variant ? (takes | variant->takes) & ~variant->leaves : takes;
}

void server_choose_variant(struct server_options *options, const struct server_variant *variant)
{
	const struct server_options asked = *options;

	options->variant = variant;
	if (variant->apply)
		variant->apply(options);
	if (asked.given & MODEL_WORKERS)
		options->workers = asked.workers;
	if (asked.given & MODEL_STACKS)
		options->stack_bytes = asked.stack_bytes;
	if (asked.given & MODEL_OFFLOAD)
		options->offload = asked.offload;
}

static void describe_max_connections(const struct server_options *options)
{
	uint64_t most = server_model.max_connections ? server_model.max_connections(options) : 0;

	if (most)
		printf(",\"max_connections\":%llu,\"limited_by\":\"%s\",\"lifted_by\":\"%s\"",
		       (unsigned long long)most, server_model.limited_by, server_model.lifted_by);
	else
		printf(",\"max_connections\":null");
}

static void describe_tables(const struct server_options *options)
{
	unsigned tables = 0;

	if (server_model.descriptor_tables)
		tables = server_model.descriptor_tables(options);
	if (tables == MODEL_TABLE_PER_CORE)
		printf(",\"descriptor_tables\":\"per-core\"");
	else
		printf(",\"descriptor_tables\":%u", tables ? tables : 1);
}

static void describe_traits(unsigned traits)
{
	static const struct {
		unsigned trait;
		const char *name;
	} names[] = {{MODEL_BLOCKING, "blocking"},
		     {MODEL_OWN_PARSER, "own-parser"},
		     {MODEL_MULTI_PROCESS, "multi-process"},
		     {MODEL_FLOOR, "floor"},
		     {MODEL_TEST_ONLY, "test-only"},
		     {MODEL_THREAD_EACH, "thread-each"},
		     {MODEL_SPINS, "spins"}};
	const char *separator = "";

	printf(",\"traits\":[");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (traits & names[i].trait) {
			printf("%s\"%s\"", separator, names[i].name);
			separator = ",";
		}
	printf("]");
}

static bool takes_option(unsigned takes, const struct argp_option *option)
{
	for (const struct model_option_row *row = model_option_rows; row->name; row++)
		if (strcmp(row->name, option->name) == 0)
			return takes & row->option;
	return !(option->flags & OPTION_HIDDEN);
}

/* For the harness, which must not give one to a server that does not know it. */
static void describe_options(unsigned takes, const struct argp_option *option)
{
	const char *separator = "";

	printf(",\"options\":[");
	for (; option->name; option++)
		if (takes_option(takes, option)) {
			printf("%s\"%s\"", separator, option->name);
			separator = ",";
		}
	printf("]");
}

/* The floor answers all that it reads with what belongs to the first. */
static void describe_routes(void)
{
	const char *pattern;

	printf(",\"routes\":[");
	for (size_t i = 0; (pattern = route_pattern(i)) != NULL; i++)
		if (i == 0 || !(server_model.traits & MODEL_FLOOR))
			printf("%s\"%s\"", i ? "," : "", pattern);
	printf("]");
}

static void describe_known_differences(const struct known_difference *known)
{
	printf(",\"known_differences\":[");
	for (size_t i = 0; known && known[i].row; i++)
		printf("%s{\"row\":\"%s\",\"reason\":\"%s\",\"sometimes\":%s}", i ? "," : "",
		       known[i].row, known[i].reason, known[i].sometimes ? "true" : "false");
	printf("]");
}

/* A variant may have another limit than the model: it is asked as if it were chosen. */
static void describe_variants(const struct server_options *options, const struct argp_option *taken)
{
	const struct server_variant *variant = server_model.variants;

	for (; variant && variant->name; variant++) {
		struct server_options chosen = *options;

		server_choose_variant(&chosen, variant);
		printf("%s{\"name\":\"%s\",\"summary\":\"%s\"",
		       variant == server_model.variants ? "" : ",", variant->name,
		       variant->summary);
		describe_traits(server_model.traits | variant->traits);
		describe_max_connections(&chosen);
		describe_tables(&chosen);
		describe_options(server_takes(variant), taken);
		describe_known_differences(variant->known ? variant->known : server_model.known);
		printf("}");
	}
}

/* Whether it can run here, and if not why. */
static void describe_unavailable(const struct server_options *options)
{
	struct error error;

	if (!server_model.prepare || server_model.prepare(options, &error) == 0) {
		printf(",\"unavailable\":null");
		return;
	}
	for (char *c = error.text; *c; c++)
		if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ')
			*c = '\'';
	printf(",\"unavailable\":\"%s\"", error.text);
}

/* So that nobody takes it for the server as it is. */
static void describe_injected(void)
{
	char injected[INJECT_TEXT_BYTES];

	if (*inject_describe(injected))
		printf(",\"injected\":\"%s\"", injected);
	else
		printf(",\"injected\":null");
}

void server_describe(const struct server_options *options, const struct argp_option *taken)
{
	printf("{\"name\":\"%s\",\"family\":\"%s\",\"summary\":\"%s\"", server_model.name,
	       server_model.family, server_model.summary);
	describe_traits(server_model.traits);
	describe_max_connections(options);
	describe_tables(options);
	describe_options(server_model.takes, taken);
	describe_known_differences(server_model.known);
	describe_routes();
	describe_unavailable(options);
	describe_injected();
	printf(",\"library\":");
	if (server_model.describe_library)
		printf("\"%s\"", server_model.describe_library());
	else
		printf("null");
	printf(",\"variants\":[");
	describe_variants(options, taken);
	printf("]}\n");
}
