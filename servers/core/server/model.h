/*
 * What a concurrency model is to the rest of tenk: a name, a few facts, and a function that
 * serves until it is told to stop. Bound at link time: each file in servers/models/ defines one
 * `server_model` and becomes one executable, server-NAME.
 */
#ifndef TENK_MODEL_H
#define TENK_MODEL_H

#include <stdbool.h>
#include "servers/core/server/listener.h"

#include <stddef.h>
#include <stdint.h>

struct error;

enum model_trait {
	MODEL_BLOCKING = 1 << 0,   /* a connection's code may block: tasks run in place */
	MODEL_OWN_PARSER = 1 << 1, /* brings its own HTTP parser; shares routes and tasks only */
	MODEL_MULTI_PROCESS =
		1
		<< 2, /* serves from several processes, which share no connections to a database */
	MODEL_FLOOR = 1 << 3,	  /* a yardstick: outside conformance, rankings and verdicts */
	MODEL_TEST_ONLY = 1 << 4, /* for tenk's own tests; never listed or installed */
	MODEL_THREAD_EACH =
		1 << 5,	      /* a thread or process for each open connection, idle ones too */
	MODEL_SPINS = 1 << 6, /* never rests: takes all of a core, whatever there is to do */
};

/* For `takes`: options that mean something to some models only, and are wrong use of the others. */
enum model_option {
	MODEL_WORKERS = 1 << 0, /* --workers */
	MODEL_STACKS = 1 << 1,	/* --stack-size */
	MODEL_OFFLOAD = 1 << 2, /* --offload */
	MODEL_ACCEPTS = 1 << 3, /* --accepts-per-turn */
	MODEL_EVENTS = 1 << 4,	/* --events-per-wait */
	MODEL_BUFFER = 1 << 5,	/* --buffer */
};

/* For server_model.lacks: --max-connections. */
enum { MODEL_CONNECTIONS = HTTP_PHASES };

/* For server_model.descriptor_tables: as many as there are cores to run on. */
#define MODEL_TABLE_PER_CORE (~0u)

struct server_options {
	const char *listen;	  /* HOST:PORT as given */
	int ready_fd;		  /* where the ready line goes; -1: a line for people on stderr */
	unsigned workers;	  /* threads, processes or loops; 0: the model's default */
	unsigned offload;	  /* threads that do what would stop a loop; 0: none */
	unsigned events_per_wait; /* bounds.h */
	struct listener_terms terms;
	/* Of tasks (task_options.h): NULL, where there is none, and how many connections. */
	const char *database, *backend, *files;
	unsigned database_connections, fetch_connections;
	size_t stack_bytes; /* of each thread; 0: the system's default (ulimit -s) */
	size_t test_value;  /* a number for MODEL_TEST_ONLY models; 0: their default */
	const struct server_variant *variant; /* NULL: as is */
	unsigned given; /* enum model_option: what was asked for, whatever a variant would set */
};

/*
 * A row of the suite (tenk check) in which a library's own HTTP differs from what all servers are
 * to do, and why. The list is held to: a row that is not on it must pass, and one that is must not,
 * unless that is a matter of chance (`sometimes`: of what comes first, say).
 */
struct known_difference {
	const char *row;    /* "half-close" */
	const char *reason; /* for people; without quotes or backslashes, as all these texts */
	bool sometimes;
};

/* A named setting that counts as a server of its own, "thread-per-connection/stack-64k". */
struct server_variant {
	const char *name; /* "stack-64k" */
	const char *summary;
	unsigned traits; /* beside the model's */
	unsigned takes;	 /* enum model_option, likewise */
	unsigned leaves; /* of what the model takes, what means nothing here */
	/* Sets options; NULL where the model itself looks at options->variant. */
	void (*apply)(struct server_options *options);
	/* Instead of the model's; NULL: the same. */
	const struct known_difference *known;
};

struct server_model {
	const char *name;		       /* as on the command line and in results */
	const char *family;		       /* threads, loops, hybrids, floor */
	const char *summary;		       /* one sentence: how it waits */
	unsigned traits;		       /* enum model_trait */
	unsigned takes;			       /* enum model_option */
	const char *(*describe_library)(void); /* "libuv 1.44.2"; NULL: none but libc */
	/* Connections that this model can hold for reasons of its own; NULL or 0: no such limit. */
	uint64_t (*max_connections)(const struct server_options *options);
	/* What makes it so, in a word or two, and what would lift it; NULL without a limit. */
	const char *limited_by, *lifted_by;
	/* Descriptor tables over which its connections are spread; NULL or 0: one for all. */
	unsigned (*descriptor_tables)(const struct server_options *options);
	const struct server_variant *variants; /* ends with a NULL name; NULL: none */
	/*
	 * Limits that it cannot keep, which are wrong use of it: bits 1 << enum http_phase, for a
	 * deadline, and 1 << MODEL_CONNECTIONS. 0: it keeps all.
	 */
	unsigned lacks;
	/* Of a model with its own parser; ends with a NULL row. NULL: it differs in nothing. */
	const struct known_difference *known;
	/* Whether it can run here; 0, or -errno and what to do about it. NULL: it can. */
	int (*prepare)(const struct server_options *options, struct error *error);
	/*
	 * Starts all that serves, says so (listener_ready), serves until listener->stop_fd is
	 * readable, then drains. 0 or -errno, about which listener->error may say more.
	 */
	int (*run)(const struct server_options *options, struct listener *listener);
};

extern const struct server_model server_model;

/* From the stop signal to the moment when connections that are still busy are cut. */
#define DRAIN_NS UINT64_C(800000000)

#endif
