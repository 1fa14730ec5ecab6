/* What no single key of a scenario can say: whether load and axes of a part fit each other. */
#include "harness/scenario/read.h"

#include "lib/clock.h"

#include <math.h>
#include <string.h>

enum { DATABASE_CONNECTIONS = 16 }; /* where nothing is said */

/* Where to point when something is wrong with a key: at the key, or at what should hold it. */
static const struct yaml_node *blame(const struct load_nodes *nodes, const char *key)
{
	const struct yaml_node *found = yaml_find_key(yaml_find(nodes->part, "vary"), key);

	if (!found)
		found = yaml_find_key(nodes->own, key);
	if (!found)
		found = yaml_find_key(nodes->shared, key);
	if (!found)
		found = nodes->own ? nodes->own : nodes->shared;
	return found ? found : nodes->part;
}

/* The key that names the request, to point at what is wrong with its target. */
static const struct yaml_node *blame_request(const struct load_nodes *nodes)
{
	static const char *const keys[] = {"get", "head", "post", "each", "mix"};

	for (size_t i = 0; i < FIELDS_COUNT(keys); i++)
		if (yaml_find_key(nodes->own, keys[i]))
			return yaml_find_key(nodes->own, keys[i]);
	for (size_t i = 0; i < FIELDS_COUNT(keys); i++)
		if (yaml_find_key(nodes->shared, keys[i]))
			return yaml_find_key(nodes->shared, keys[i]);
	return blame(nodes, "get");
}

/* An axis gives the values; a value in the part's own load would never be used. */
static int check_fixed_twice(const struct yaml_document *document, const struct load_nodes *nodes,
			     const struct scenario_part *part)
{
	for (size_t i = 0; i < part->axis_count; i++) {
		const char *key = scenario_axis_field(part->axes[i].kind)->key;
		const struct yaml_node *fixed = yaml_find_key(nodes->own, key);

		if (!fixed)
			continue;
		yaml_complain(document, fixed, "\"%s\" is varied and fixed at once", key);
		return yaml_hint(document, "it is varied in line %zu: leave it out of one of them",
				 blame(nodes, key)->line);
	}
	return 0;
}

/* The largest value that the part gives an axis, by varying or by fixing it. */
static double largest(const struct scenario_part *part, enum axis_kind kind, double fixed)
{
	const struct axis *axis = scenario_part_axis(part, kind);
	double value = axis ? axis->values[0] : fixed;

	for (size_t i = 0; axis && i < axis->count; i++)
		value = fmax(value, axis->values[i]);
	return value;
}

static bool is_given(const struct load_nodes *nodes, const struct scenario_part *part,
		     enum axis_kind kind)
{
	const char *key = scenario_axis_field(kind)->key;

	return scenario_part_axis(part, kind) || yaml_find_key(nodes->own, key);
}

/* A value without a place to go, or a place without a value, is a mistake in any case. */
static int check_placeholder(const struct yaml_document *document, const struct load_nodes *nodes,
			     const struct scenario_part *part, enum axis_kind kind,
			     const char *placeholder, const char *example, double fixed,
			     bool used_otherwise)
{
	const struct field *field = scenario_axis_field(kind);
	bool named = scenario_part_names(part, placeholder);

	if (named && !is_given(nodes, part, kind) && fixed == 0) {
		yaml_complain(document, blame_request(nodes), "nothing fills %s in the target",
			      placeholder);
		return yaml_hint(document, "write a value in load, or  %s: %s  in vary", field->key,
				 field->example);
	}
	if (!named && !used_otherwise && is_given(nodes, part, kind)) {
		yaml_complain(document, blame(nodes, field->key),
			      "\"%s\" has no effect: the target %s has no %s", field->key,
			      part->load.target, placeholder);
		return yaml_hint(document, "for instance  get: %s", example);
	}
	return 0;
}

static int check_waits(const struct yaml_document *document, const struct load_nodes *nodes,
		       const struct scenario_part *part)
{
	const struct axis *axis = scenario_part_axis(part, AXIS_WAIT);
	bool whole = part->load.wait_ns % NS_PER_MS == 0;

	for (size_t i = 0; axis && i < axis->count; i++)
		whole = whole && fmod(axis->values[i], (double)NS_PER_MS) == 0;
	if (!whole) {
		yaml_complain(document, blame(nodes, "wait"),
			      "a wait that is no whole millisecond");
		return yaml_hint(document, "the target takes milliseconds: {wait_ms}");
	}
	return 0;
}

/* What takes longer than anybody waits for it. */
static int check_timeout(const struct yaml_document *document, const struct load_nodes *nodes,
			 const struct scenario_part *part, enum axis_kind kind, const char *what,
			 double fixed)
{
	double longest = largest(part, kind, fixed);

	if (longest < (double)part->load.timeout_ns)
		return 0;
	yaml_complain(document, blame(nodes, scenario_axis_field(kind)->key),
		      "%s of %.0f ms never ends before the timeout of %.0f ms", what,
		      longest / (double)NS_PER_MS,
		      (double)part->load.timeout_ns / (double)NS_PER_MS);
	return yaml_hint(document, "for instance  timeout: %.0fs",
			 ceil(longest / (double)NS_PER_S) + 5);
}

static int check_idle(const struct yaml_document *document, const struct load_nodes *nodes,
		      struct scenario_part *part)
{
	const struct yaml_node *duration = yaml_find_key(nodes->own, "duration");

	if (!part->load.idle)
		return 0;
	if (largest(part, AXIS_RATE, part->load.rate_per_s) > 0) {
		yaml_complain(document, blame(nodes, "rate"), "an idle load has no rate");
		return yaml_hint(document, "leave out rate, or idle");
	}
	if (duration) {
		yaml_complain(document, duration, "an idle load has no duration");
		return yaml_hint(document, "leave it out: connections are held until the server's "
					   "memory has been read");
	}
	if (part->kind_count > 0) {
		yaml_complain(document, blame(nodes, "mix"), "an idle load makes one request");
		return yaml_hint(document, "for instance  each: {get: /plaintext}");
	}
	part->load.duration_ns = 0; /* a default, or for other parts */
	return 0;
}

/* A burst has its own moment, and all of its connections send. */
static int check_burst(const struct yaml_document *document, const struct load_nodes *nodes,
		       const struct scenario_part *part)
{
	if (!part->load.burst)
		return 0;
	if (part->load.idle)
		return yaml_complain(document, blame(nodes, "burst"),
				     "\"burst\" and \"idle\" exclude each other");
	if (largest(part, AXIS_RATE, part->load.rate_per_s) > 0)
		return yaml_complain(document, blame(nodes, "rate"), "a burst has no rate");
	return 0;
}

/* They are counted of requests that go on: of a load that can be offered once more. */
static int check_count_calls(const struct yaml_document *document, const struct load_nodes *nodes,
			     const struct scenario_part *part)
{
	if (!part->load.count_calls || !(part->load.idle || part->load.burst))
		return 0;
	yaml_complain(document, blame(nodes, "count-calls"),
		      "\"count-calls\" and \"%s\" exclude each other",
		      part->load.idle ? "idle" : "burst");
	return yaml_hint(document, part->load.idle
					   ? "an idle connection makes no calls: leave one out"
					   : "a burst cannot go on while they are counted");
}

static const struct yaml_node *blame_share_of(const struct load_nodes *nodes)
{
	const struct yaml_node *own = yaml_find_key(nodes->own, "share-of");

	return own ? own : yaml_find_key(nodes->shared, "share-of");
}

/* A rate is told in one way, and a share is of somebody. */
static int check_share(const struct yaml_document *document, const struct load_nodes *nodes,
		       const struct scenario_part *part)
{
	const struct load *load = &part->load;
	bool shares = largest(part, AXIS_SHARE, (double)load->share_percent) > 0;

	if (shares && !*load->share_of) {
		yaml_complain(document, blame(nodes, "share"), "a share of what is not said");
		return yaml_hint(document, "for instance  share-of: epoll  in load");
	}
	if (!shares && *load->share_of) {
		yaml_complain(document, blame_share_of(nodes),
			      "\"share-of\" has no effect: no share is offered");
		return yaml_hint(document, "for instance  share: 50, or  share: [10, 50, 90]  in "
					   "vary");
	}
	if (!shares)
		return 0;
	if (largest(part, AXIS_RATE, load->rate_per_s) > 0)
		return yaml_complain(document, blame(nodes, "rate"),
				     "\"rate\" and \"share\" exclude each other");
	if (load->idle || load->burst)
		return yaml_complain(document, blame(nodes, "share"),
				     "%s load has no rate, so no share",
				     load->idle ? "an idle" : "a burst");
	return 0;
}

/* What is asked once on each connection is neither pipelined nor followed by others. */
static int check_connections(const struct yaml_document *document, const struct load_nodes *nodes,
			     const struct scenario_part *part)
{
	const struct load *load = &part->load;
	const char *key = load->pipelining > 1		      ? "pipelining"
			  : load->requests_per_connection > 0 ? "requests-per-connection"
							      : NULL;

	if (!key || !(load->idle || load->burst))
		return 0;
	return yaml_complain(document, blame(nodes, key), "\"%s\" and \"%s\" exclude each other",
			     key, load->idle ? "idle" : "burst");
}

/* Those that do not ask are held beside the others, which a load must have. */
static int check_active(const struct yaml_document *document, const struct load_nodes *nodes,
			const struct scenario_part *part)
{
	if (largest(part, AXIS_ACTIVE, (double)part->load.active_percent) == 0)
		return 0;
	if (part->load.idle || part->load.burst)
		return yaml_complain(document, blame(nodes, "active"),
				     "\"active\" and \"%s\" exclude each other",
				     part->load.idle ? "idle" : "burst");
	return 0;
}

/* It is climbed step by step, so there is one way up. */
static int check_ladder(const struct yaml_document *document, const struct load_nodes *nodes,
			const struct scenario_part *part)
{
	const struct axis *axis = scenario_part_axis(part, AXIS_CONNECTIONS);
	const struct yaml_node *key = yaml_find_key(nodes->part, "ladder");

	if (!part->ladder)
		return 0;
	if (!axis || part->axis_count != 1) {
		yaml_complain(document, key, "a ladder varies connections, and nothing else");
		return yaml_hint(document, "for instance  vary: {connections: [1k, 2k, 5k]}");
	}
	for (size_t i = 1; i < axis->count; i++)
		if (axis->values[i] < axis->values[i - 1]) {
			yaml_complain(document, blame(nodes, "connections"),
				      "the connections of a ladder must ascend");
			return yaml_hint(document, "it is climbed in the order that is written");
		}
	return 0;
}

/* What is set for a backend that there is not would have no effect. */
static int check_backends(const struct yaml_document *document, const struct load_nodes *nodes,
			  struct scenario_part *part)
{
	static const struct {
		enum axis_kind axis;
		enum backend_kind backend;
	} rows[] = {{AXIS_DATABASE_CONNECTIONS, BACKEND_POSTGRESQL},
		    {AXIS_FETCH_CONNECTIONS, BACKEND_DELAY}};

	for (size_t i = 0; i < FIELDS_COUNT(rows); i++) {
		const char *key = scenario_axis_field(rows[i].axis)->key;

		if (part->backends & 1u << rows[i].backend || !is_given(nodes, part, rows[i].axis))
			continue;
		yaml_complain(document, blame(nodes, key), "\"%s\" has no effect: there is no %s",
			      key, scenario_backend_name(rows[i].backend));
		return yaml_hint(document, "for instance  backends: [%s]  in the part",
				 scenario_backend_name(rows[i].backend));
	}
	if (part->backends & 1u << BACKEND_POSTGRESQL && part->load.database_connections == 0)
		part->load.database_connections = DATABASE_CONNECTIONS;
	return 0;
}

int scenario_load_check(const struct yaml_document *document, const struct load_nodes *nodes,
			struct scenario_part *part)
{
	bool posts = scenario_part_posts(part);
	int code;

	if (part->load.method[0] == '\0') {
		yaml_complain(document, nodes->own ? nodes->own : nodes->part,
			      "the load names no request");
		return yaml_hint(document, part->load.idle
						   ? "for instance  each: {get: /plaintext}"
						   : "for instance  load: {get: /plaintext}");
	}
	code = check_fixed_twice(document, nodes, part);
	if (code == 0)
		code = check_placeholder(document, nodes, part, AXIS_WAIT, "{wait_ms}",
					 "/wait/{wait_ms}", (double)part->load.wait_ns, false);
	if (code == 0)
		code = check_placeholder(document, nodes, part, AXIS_BODY, "{body_bytes}",
					 "/bytes/{body_bytes}", (double)part->load.body_bytes,
					 posts);
	if (code == 0)
		code = check_placeholder(document, nodes, part, AXIS_CPU, "{cpu_rounds}",
					 "/cpu/{cpu_rounds}", (double)part->load.cpu_ns, false);
	if (code == 0)
		code = check_waits(document, nodes, part);
	if (code == 0 && scenario_part_names(part, "{wait_ms}"))
		code = check_timeout(document, nodes, part, AXIS_WAIT, "a wait",
				     (double)part->load.wait_ns);
	if (code == 0)
		code = check_timeout(document, nodes, part, AXIS_CPU, "work",
				     (double)part->load.cpu_ns);
	if (code == 0)
		code = check_backends(document, nodes, part);
	if (code == 0)
		code = check_idle(document, nodes, part);
	if (code == 0)
		code = check_burst(document, nodes, part);
	if (code == 0)
		code = check_count_calls(document, nodes, part);
	if (code == 0)
		code = check_connections(document, nodes, part);
	if (code == 0)
		code = check_share(document, nodes, part);
	if (code == 0)
		code = check_active(document, nodes, part);
	if (code == 0)
		code = check_ladder(document, nodes, part);
	/* A varied value has no fixed one, so that nobody takes a default for what was run. */
	for (size_t i = 0; code == 0 && i < part->axis_count; i++)
		load_apply(&part->load, part->axes[i].kind, 0);
	return code;
}
