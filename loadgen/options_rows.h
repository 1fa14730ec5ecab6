/*
 * The options of tenk-load as a table: one row each, which says what it is called, what to say of it
 * in --help, and how to read its value into which member. Internal to the options.
 */
#ifndef TENK_OPTIONS_ROWS_H
#define TENK_OPTIONS_ROWS_H

#include "lib/units.h"
#include "loadgen/options.h"

#include <argp.h>

struct option_row {
	const char *name; /* NULL: `help` is the heading of what follows */
	int letter;	  /* 0: it has only its name */
	const char *argument, *help;
	int (*read)(struct options *options, const struct option_row *row, const char *text,
		    struct error *error);
	size_t offset; /* of the member in struct options */
	enum unit_kind kind;
	double low, high;
	bool argument_is_optional; /* then `text` may be NULL */
};

/* As many as struct options has bits for. */
enum { OPTION_ROWS_MAX = 64 };

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Whether an option is on the command line. */
bool options_were_given(const struct options *options, const char *name);

/* What was said that does not go together, or what is missing; NULL: all is well. */
const char *options_find_contradiction(const struct options *options);

/* Readers of values: 0, or -errno with a message that does not name the option. */

int read_quantity(struct options *options, const struct option_row *row, const char *text,
		  struct error *error);
int read_real(struct options *options, const struct option_row *row, const char *text,
	      struct error *error);
int read_text(struct options *options, const struct option_row *row, const char *text,
	      struct error *error);
int read_flag(struct options *options, const struct option_row *row, const char *text,
	      struct error *error);
int read_arrivals(struct options *options, const struct option_row *row, const char *text,
		  struct error *error);
int read_condition(struct options *options, const struct option_row *row, const char *text,
		   struct error *error);
int read_percentiles(struct options *options, const struct option_row *row, const char *text,
		     struct error *error);
int read_log_interval(struct options *options, const struct option_row *row, const char *text,
		      struct error *error);
int read_think_time(struct options *options, const struct option_row *row, const char *text,
		    struct error *error);
int read_closing(struct options *options, const struct option_row *row, const char *text,
		 struct error *error);
int read_stages(struct options *options, const struct option_row *row, const char *text,
		struct error *error);
int read_switch(struct options *options, const struct option_row *row, const char *text,
		struct error *error);
int read_spin(struct options *options, const struct option_row *row, const char *text,
	      struct error *error);
int read_header(struct options *options, const struct option_row *row, const char *text,
		struct error *error);
int read_request(struct options *options, const struct option_row *row, const char *text,
		 struct error *error);
int read_body(struct options *options, const struct option_row *row, const char *text,
	      struct error *error);
int read_status(struct options *options, const struct option_row *row, const char *text,
		struct error *error);
int read_length(struct options *options, const struct option_row *row, const char *text,
		struct error *error);
int read_expect_body(struct options *options, const struct option_row *row, const char *text,
		     struct error *error);
int read_crc32(struct options *options, const struct option_row *row, const char *text,
	       struct error *error);
int read_expect_header(struct options *options, const struct option_row *row, const char *text,
		       struct error *error);
int read_descriptor(struct options *options, const struct option_row *row, const char *text,
		    struct error *error);
int read_readable_descriptor(struct options *options, const struct option_row *row,
			     const char *text, struct error *error);

#endif
