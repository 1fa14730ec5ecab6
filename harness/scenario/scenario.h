/*
 * A scenario: what to run, what to vary, which claims to test, read from YAML.
 *
 * The schema is a table for each mapping (scenario.c, load.c, claims.c); errors
 * name file, line and column, show the line, and offer the nearest valid key. A scenario with one
 * part may be written flat.
 */
#ifndef TENK_SCENARIO_H
#define TENK_SCENARIO_H

#include "lib/error.h"
#include "stored/axis.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of several kinds of request in a load. */
struct load_kind {
	char name[33];		      /* in keys of metrics: "latency_p99_ns@quick" */
	char method[16], target[256]; /* as of a load */
	uint64_t weight;
};

/* What one trial does to a server; also the point that an axis changes. */
enum { LOAD_HOSTS_BYTES = 1024, LOAD_SERVER_HOST_BYTES = 512 };

struct load {
	char method[16];  /* of a mix, as target: those of its first kind; see load_of_kind */
	char target[256]; /* may hold {wait_ms}, {cpu_rounds} and {body_bytes} */
	uint64_t connections;
	double rate_per_s;	 /* 0: closed loop; of a share the run finds it out */
	uint64_t share_percent;	 /* the rate, of what share_of answers in a closed loop; 0: none */
	char share_of[64];	 /* a server; "": there is no share */
	uint64_t active_percent; /* of the connections; the others are held idle; 0: all ask */
	uint64_t wait_ns;
	uint64_t cpu_ns;     /* of a processor here, for {cpu_rounds} */
	uint64_t body_bytes; /* of the request (POST) or asked for ({body_bytes}) */
	bool idle;	     /* open, use once, hold: a memory trial */
	bool burst;	     /* one request on each connection, as fast as they can be sent */
	bool count_calls;    /* the server's system calls, with the same load once more */
	uint64_t memory_limit_bytes; /* of the server; 0: none */
	uint64_t server_cores;	     /* of those that the server is given; 0: all */
	uint64_t workers; /* of the server: threads, processes, loops; 0: its own choice */
	uint64_t offload; /* threads of the server that do a loop's blocking work; 0: none */
	uint64_t
		database_connections; /* that a server may have, all its processes together; 0: none */
	uint64_t fetch_connections;	  /* that it may keep to the delay backend; 0: fresh ones */
	uint64_t requests_per_connection; /* then it is closed and another opened; 0: no limit */
	uint64_t pipelining;		  /* requests under way on a connection; 0: one */
	uint64_t threads;		  /* of the generator; 0: as many as it has cores */
	uint64_t duration_ns; /* of the measured window; 0 if idle: until memory has been read */
	uint64_t warmup_ns, timeout_ns;
	uint64_t
		cpu_rounds_per_s; /* of lib/xorshift.h, by which {cpu_rounds} is had; the run finds out */
	const struct scenario_file *files; /* of its part, in a plan; borrowed */
	size_t file_count;
	const struct load_kind *kinds; /* likewise; none: every request is the same */
	size_t kind_count;
	char hosts
		[LOAD_HOSTS_BYTES]; /* that load it, "a:1,b:2", by tenk-load-mpi; "": this machine does */
	char server_host
		[LOAD_SERVER_HOST_BYTES]; /* on which the servers run, as for ssh; "": here */
	uint64_t slice_ns; /* in which servers that stand side by side take turns; 0: they do not */
};

/* Programs that the harness runs for servers to ask them. */
enum backend_kind {
	BACKEND_POSTGRESQL, /* with the table that /query/ID reads */
	BACKEND_DELAY,	    /* answers /wait/MS, for /fetch/MS */
	BACKENDS
};
const char *scenario_backend_name(enum backend_kind kind);

/* A file that servers are to send, for /file/NAME: byte i is that of /bytes/N. */
struct scenario_file {
	char *name;
	uint64_t bytes;
};

struct axis {
	enum axis_kind kind;
	double *values; /* counts, rates per second, nanoseconds or bytes */
	size_t count;
};

struct scenario_part {
	char *name, *title, *question;
	char **servers;
	size_t server_count;
	struct axis axes[AXIS_COUNT];
	size_t axis_count;
	struct load load;
	struct load_kind *kinds; /* of its mix; none: every request is the same */
	size_t kind_count;
	struct scenario_file *files;
	size_t file_count;
	unsigned backends; /* 1 << enum backend_kind, together */
	unsigned trials;
	bool observes; /* its servers are programs that observe themselves: there is no load */
	uint64_t timeout_ns; /* of such a program */
	bool ladder;	     /* connections ascend, for each server until a step is not held */
	char **charts;
	size_t chart_count;
	json_t *claims; /* array, as in results/SCHEMA.md */
};

struct scenario {
	char *name, *file, *title, *question;
	bool quick_look;
	struct scenario_part *parts;
	size_t part_count;
};

/*
 * Reads a scenario file. 0, or -EINVAL (wrong content), -ENOENT ... with the message to show:
 *
 *   scenarios/memory.yaml:7:3: unknown key "conections" in vary
 *     7 |   conections: [1000, 2000]
 *       |   ^~~~~~~~~~
 *     did you mean "connections"?  (keys here: connections, rate, wait, body)
 *
 * Claims are about `metrics`: their descriptors as in run.json, borrowed while it reads.
 */
int scenario_read(struct scenario *scenario, const char *file, const json_t *metrics,
		  struct error *error);
void scenario_destroy(struct scenario *scenario);

/* Whether its trials look at memory: those of idle connections do, and who has a chart of it. */
bool scenario_part_looks_at_memory(const struct scenario_part *part);

/* Whether the target of a request of the part has this placeholder, "{wait_ms}". */
bool scenario_part_names(const struct scenario_part *part, const char *placeholder);

/* Takes a part out, one that cannot be run. */
void scenario_drop_part(struct scenario *scenario, size_t index);

/* The scenario as run.json keeps it, and back (for --resume). New reference; NULL: no memory. */
json_t *scenario_to_json(const struct scenario *scenario);
int scenario_from_json(struct scenario *scenario, const json_t *json, struct error *error);

/* Sets one value of an axis in a load. */
void load_apply(struct load *load, enum axis_kind kind, double value);

#endif
