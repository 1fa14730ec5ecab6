/* What a trial does to a server: `load` of a scenario part. */
#include "harness/scenario/read.h"

#include "harness/scenario/ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_HIGHEST	 1e15
#define TIME_LOWEST_NS	 (10.0 * NS_PER_MS)
#define TIME_HIGHEST_NS	 (3600.0 * NS_PER_S)
#define SLICE_LOWEST_NS	 (20.0 * NS_PER_MS)
#define SLICE_HIGHEST_NS (10.0 * NS_PER_S)

enum { TARGET_MAX = 200 };

/* Placeholders are all that may stand in braces. */
static int check_placeholders(const struct yaml_document *document, const struct yaml_node *node,
			      const char *target)
{
	static const char *const known[] = {"{wait_ms}", "{body_bytes}", "{cpu_rounds}"};

	for (const char *brace = target; (brace = strpbrk(brace, "{}")); brace++) {
		size_t i;

		for (i = 0; i < FIELDS_COUNT(known); i++)
			if (strncmp(brace, known[i], strlen(known[i])) == 0)
				break;
		if (i == FIELDS_COUNT(known)) {
			yaml_complain(document, node, "unknown placeholder in \"%s\"", target);
			return yaml_hint(
				document,
				"placeholders here: {wait_ms}, {body_bytes}, {cpu_rounds}");
		}
		brace += strlen(known[i]) - 1;
	}
	return 0;
}

static int request_read(const struct yaml_document *document, const struct yaml_node *node,
			struct load *load, const char *key, const char *method)
{
	char *target = NULL;
	int code = schema_text(document, node, key, &target);

	if (code < 0)
		return code;
	if (target[0] != '/') {
		yaml_complain(document, node, "the target \"%.60s\" must begin with /", target);
		code = yaml_hint(document, "for instance  %s: /plaintext", key);
	} else if (strlen(target) > TARGET_MAX) {
		code = yaml_complain(document, node, "a target has at most %d characters",
				     TARGET_MAX);
	} else {
		for (const char *p = target; code == 0 && *p; p++)
			if (*p <= ' ' || *p >= 0x7f)
				code = yaml_complain(document, node,
						     "a target has neither blanks nor characters "
						     "beyond ASCII; write them as %%20");
	}
	if (code == 0)
		code = check_placeholders(document, node, target);
	if (code == 0) {
		memset(load->method, 0, sizeof load->method);
		memset(load->target, 0, sizeof load->target);
		memcpy(load->method, method, strlen(method));
		memcpy(load->target, target, strlen(target));
	}
	free(target);
	return code;
}

static int get_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	return request_read(document, node, into, "get", "GET");
}

static int head_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	return request_read(document, node, into, "head", "HEAD");
}

static int post_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	return request_read(document, node, into, "post", "POST");
}

static int each_read(const struct yaml_document *document, const struct yaml_node *node,
		     void *into);

/* A length, or none. */
static int slices_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	static const struct field length = {.key = "slices",
					    .kind = FIELD_DURATION,
					    .lowest = SLICE_LOWEST_NS,
					    .highest = SLICE_HIGHEST_NS,
					    .example = "100ms, or off"};
	struct load *load = into;
	double value = 0;
	int code = 0;

	if (node->kind != NODE_SCALAR || strcmp(node->text, "off") != 0)
		code = schema_number(document, node, &length, &value);
	if (code == 0)
		load->slice_ns = (uint64_t)value;
	return code;
}

/* A name, of what; into so many bytes. */
static int name_read(const struct yaml_document *document, const struct yaml_node *node,
		     const char *key, const char *what, char *into, size_t size)
{
	char *name = NULL;
	int code = schema_text(document, node, key, &name);

	if (code == 0 && strlen(name) >= size)
		code = yaml_complain(document, node, "\"%.60s\" is no name of a %s", name, what);
	if (code == 0)
		memcpy(into, name, strlen(name) + 1);
	free(name);
	return code;
}

/* Whether there is such a server is found out by the run. */
static int share_of_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	struct load *load = into;

	return name_read(document, node, "share-of", "server", load->share_of,
			 sizeof load->share_of);
}

/* Whether it is a name that ssh takes is checked where it is reached (harness/trial/server_host.h). */
static int server_host_read(const struct yaml_document *document, const struct yaml_node *node,
			    void *into)
{
	struct load *load = into;

	return name_read(document, node, "server-host", "machine", load->server_host,
			 sizeof load->server_host);
}

/* "a" and "b:2", a name and how many ranks there, to "a,b:2". */
static int hosts_read(const struct yaml_document *document, const struct yaml_node *node,
		      void *into)
{
	struct load *load = into;
	char **words = NULL;
	size_t count = 0, length = 0;
	int code = schema_words(document, node, "hosts", &words, &count);

	for (size_t i = 0; i < count && code == 0; i++) {
		int more = snprintf(load->hosts + length, sizeof load->hosts - length, "%s%s",
				    i ? "," : "", words[i]);

		length += (size_t)more;
		if (length >= sizeof load->hosts || strpbrk(words[i], ", "))
			code = yaml_complain(document, node, "\"%.60s\" is no name of a machine",
					     words[i]);
	}
	schema_words_free(words, count);
	return code;
}

#define LOAD_REQUEST(KEY, READ, EXAMPLE, HELP)                                                \
	{                                                                                     \
		.key = KEY, .kind = FIELD_OWN, .read = READ, .example = EXAMPLE, .help = HELP \
	}
/* What a run keeps under the member's name. */
#define LOAD_VALUE(KEY, KIND, MEMBER, LOWEST, HIGHEST, FALLBACK, EXAMPLE, HELP, ...)            \
	{                                                                                       \
		.key = KEY, .kind = KIND, .offset = offsetof(struct load, MEMBER),              \
		.lowest = LOWEST, .highest = HIGHEST, .fallback = FALLBACK, .example = EXAMPLE, \
		.help = HELP, .stored = #MEMBER, __VA_ARGS__                                    \
	}

/*
 * Everything that `load` may hold. The first three rows are also all that `each` may hold, and each entry of
 * `mix` beside its name and weight; with these two they exclude each other.
 */
enum { REQUEST_FIELDS = SCENARIO_REQUEST_FIELDS, EXCLUSIVE_FIELDS = REQUEST_FIELDS + 2 };
/* clang-format off */
static const struct field load_fields[] = {
	LOAD_REQUEST("get", get_read, "/plaintext", "the target of a GET request"),
	LOAD_REQUEST("head", head_read, "/plaintext", "the target of a HEAD request"),
	LOAD_REQUEST("post", post_read, "/echo",
		     "the target of a POST request; body says how large"),
	LOAD_REQUEST("each", each_read, "{get: /plaintext}",
		     "the one request that each connection makes before it is idle"),
	{.key = "mix", .kind = FIELD_LATER,
	 .example = "[{get: /plaintext, weight: 99}, {get: /block/50, weight: 1, name: slow}]",
	 .help = "several kinds of request, by weight, with figures of their own"},
	LOAD_VALUE("idle", FIELD_FLAG, idle, 0, 1, "false", "true",
		   "true: open the connections, use each once and hold them, to see their memory"),
	LOAD_VALUE("burst", FIELD_FLAG, burst, 0, 1, "false", "true",
		   "true: one request on each connection, as fast as they can be sent", .stored_if_set = true),
	LOAD_VALUE("count-calls", FIELD_FLAG, count_calls, 0, 1, "false", "true",
		   "true: count the server's system calls, in a second after what is measured", .stored_if_set = true),
	LOAD_VALUE("memory-limit", FIELD_BYTES, memory_limit_bytes, 0, MEMORY_HIGHEST, "0", "512 MiB",
		   "memory that the server may have, the kernel's for it included; 0: no limit", .stored_if_set = true),
	LOAD_VALUE("server-cores", FIELD_COUNT, server_cores, 0, CORES_HIGHEST, "0", "1",
		   "cores that the server may use, of those it is given; 0: all", .stored_if_set = true),
	LOAD_VALUE("workers", FIELD_COUNT, workers, 0, THREADS_HIGHEST, "0", "4",
		   "the server's threads, processes or loops, where it has some; 0: as it chooses", .stored_if_set = true),
	LOAD_VALUE("offload", FIELD_COUNT, offload, 0, THREADS_HIGHEST, "0", "16",
		   "threads that do a loop's blocking work; 0: it does that itself", .stored_if_set = true),
	LOAD_VALUE("database-connections", FIELD_COUNT, database_connections, 0, DATABASE_HIGHEST, "0", "16",
		   "connections to the database that a server may have, all its processes together (16)", .stored_if_set = true),
	LOAD_VALUE("fetch-connections", FIELD_COUNT, fetch_connections, 0, CONNECTIONS_HIGHEST, "0", "1k",
		   "connections to the delay backend that a server may keep; 0: a fresh one for each request", .stored_if_set = true),
	LOAD_VALUE("connections", FIELD_COUNT, connections, 1, CONNECTIONS_HIGHEST, "64", "64",
		   "open connections; several values go into vary"),
	LOAD_VALUE("rate", FIELD_RATE, rate_per_s, 0, RATE_HIGHEST, "0", "5k",
		   "requests due per second; 0: as fast as answers come (closed loop)"),
	LOAD_VALUE("share", FIELD_COUNT, share_percent, 0, SHARE_HIGHEST, "0", "50",
		   "requests due per second, in per cent of what share-of answers in a closed loop", .stored_if_set = true),
	{.key = "share-of", .kind = FIELD_OWN, .read = share_of_read, .example = "epoll",
	 .help = "the server whose capacity is found before the part's first trial, for share"},
	LOAD_VALUE("active", FIELD_COUNT, active_percent, 0, ACTIVE_HIGHEST, "0", "10",
		   "how many in a hundred connections ask, the others being used once and held idle; 0: all ask", .stored_if_set = true),
	LOAD_VALUE("requests-per-connection", FIELD_COUNT, requests_per_connection, 0, 1e9, "0", "1",
		   "after so many a connection is closed, by a reset, and another opened; 0: none is", .stored_if_set = true),
	LOAD_VALUE("pipelining", FIELD_COUNT, pipelining, 0, PIPELINING_HIGHEST, "0", "16",
		   "requests under way on a connection at the same time; 0: one", .stored_if_set = true),
	LOAD_VALUE("wait", FIELD_DURATION, wait_ns, 0, WAIT_HIGHEST_NS, "0", "10ms",
		   "fills {wait_ms} in the target"),
	LOAD_VALUE("cpu", FIELD_DURATION, cpu_ns, CPU_LOWEST_NS, CPU_HIGHEST_NS, NULL, "500us",
		   "fills {cpu_rounds} in the target: work that takes a processor here so long", .stored_if_set = true),
	LOAD_VALUE("body", FIELD_BYTES, body_bytes, 0, BODY_HIGHEST, "0", "1 KiB",
		   "size of the posted body, or fills {body_bytes} in the target"),
	{.key = "hosts", .kind = FIELD_OWN, .read = hosts_read, .example = "[a, b]",
	 .help = "machines that load the server, by tenk-load-mpi; without: this one"},
	{.key = "server-host", .kind = FIELD_OWN, .read = server_host_read, .example = "b",
	 .help = "machine on which the servers run, reached by ssh; without: this one"},
	LOAD_VALUE("threads", FIELD_COUNT, threads, 0, 1024, "0", "1",
		   "threads of the load generator; 0: as many as it has cores"),
	LOAD_VALUE("duration", FIELD_DURATION, duration_ns, TIME_LOWEST_NS, TIME_HIGHEST_NS, "4s",
		   "4s", "how long to measure"),
	LOAD_VALUE("warmup", FIELD_DURATION, warmup_ns, 0, TIME_HIGHEST_NS, "1s", "1s",
		   "how long to load before measuring"),
	LOAD_VALUE("slices", FIELD_OWN, slice_ns, 0, 0, "100ms", "100ms",
		   "how long each server of a point is loaded before it is another's turn; off: trials follow one another",
		   .read = slices_read, .stored_if_set = true),
	LOAD_VALUE("timeout", FIELD_DURATION, timeout_ns, TIME_LOWEST_NS, TIME_HIGHEST_NS, "5s",
		   "5s", "an answer that takes longer is an error"),
};
/* clang-format on */

int scenario_check_one_request(const struct yaml_document *document,
			       const struct yaml_node *mapping)
{
	const struct yaml_node *first = NULL;

	for (size_t i = 0; i < EXCLUSIVE_FIELDS; i++) {
		const struct yaml_node *key = yaml_find_key(mapping, load_fields[i].key);

		if (key && first) {
			const struct yaml_node *later =
				key->line > first->line || (key->line == first->line &&
							    key->column > first->column)
					? key
					: first;

			yaml_complain(document, later,
				      "\"%s\" and \"%s\" exclude each other: one key says what is "
				      "asked for",
				      first->text, key->text);
			return yaml_hint(document, "several kinds of request go into a mix:  mix: "
						   "[{get: /a, weight: 9}, {get: /b}]");
		}
		first = key ? key : first;
	}
	return 0;
}

const struct field *scenario_load_fields(size_t *count)
{
	*count = FIELDS_COUNT(load_fields);
	return load_fields;
}

static int each_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	int code = schema_read(document, node, "each", load_fields, REQUEST_FIELDS, into);

	if (code == 0 && node->count == 0) {
		yaml_complain(document, node, "\"each\" names no request");
		return yaml_hint(document, "for instance  each: {get: /plaintext}");
	}
	return code < 0 ? code : scenario_check_one_request(document, node);
}

void scenario_load_defaults(struct load *load)
{
	*load = (struct load){0};
	schema_defaults(load_fields, FIELDS_COUNT(load_fields), load);
}

/* What a part asks for takes the place of all that the top level does. */
static int mix_take(const struct yaml_document *document, const struct yaml_node *node,
		    struct scenario_part *part)
{
	const struct yaml_node *mix = yaml_find(node, "mix");

	for (size_t i = 0; i < EXCLUSIVE_FIELDS; i++)
		if (yaml_find(node, load_fields[i].key))
			scenario_mix_free(part);
	return mix ? scenario_mix_read(document, mix, part) : 0;
}

int scenario_load_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	struct scenario_part *part = into;
	const struct yaml_node *each;
	int code = schema_read(document, node, "load", load_fields, FIELDS_COUNT(load_fields),
			       &part->load);

	if (code == 0)
		code = scenario_check_one_request(document, node);
	if (code == 0)
		code = mix_take(document, node, part);
	if (code < 0)
		return code;
	each = yaml_find_key(node, "each");
	if (each && !part->load.idle) {
		yaml_complain(document, each, "\"each\" needs  idle: true");
		return yaml_hint(document, "without idle, the request stands in load itself, "
					   "for instance  get: /plaintext");
	}
	for (size_t i = 0; part->load.idle && i < REQUEST_FIELDS; i++) {
		const struct yaml_node *request = yaml_find_key(node, load_fields[i].key);

		if (!request)
			continue;
		yaml_complain(document, request, "an idle load makes its request in \"each\"");
		return yaml_hint(document, "for instance  each: {%s: %s}", load_fields[i].key,
				 load_fields[i].example);
	}
	return 0;
}
