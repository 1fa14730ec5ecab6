#include "report/citation.h"

#include "lib/json.h"
#include "report/section.h"

#include <string.h>

/* The Makefile takes who wrote tenk, and what it calls itself, from CITATION.cff. */

/* "Run 2026-11-29-1, started 2026-11-29T01:02:03Z, on AMD EPYC, 4 cores; fingerprint 1a2b; repeat with: tenk run quick". */
static void append_run(struct text_buffer *out, const json_t *run)
{
	text_append_format(out, "Run %s, started %s, on ", json_string_of(run, "id"),
			   json_string_of(run, "started_at"));
	section_append_machine(out, run);
	text_append_format(out, "; fingerprint %s; repeat with: %s",
			   json_string_of(json_object_get(run, "environment"), "fingerprint"),
			   json_string_of(run, "repeat"));
}

void citation_append_line(struct text_buffer *out, const json_t *run, const char *title)
{
	text_append_format(out, "%s: %s%s Measured with \"%s\", version %s. ", CITED_AUTHORS, title,
			   title[0] && title[strlen(title) - 1] == '.' ? "" : ".", CITED_TITLE,
			   json_string_of(run, "tenk_version"));
	append_run(out, run);
}

/* Text as TeX prints it: what has a meaning there is escaped. */
static void append_tex(struct text_buffer *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("$&%#_", *text))
			text_append_format(out, "\\%c", *text);
		else if (*text == '{' || *text == '}') /* BibTeX counts braces, escaped ones too */
			text_append(out, *text == '{' ? "\\textbraceleft{}" : "\\textbraceright{}");
		else if (*text == '\\')
			text_append(out, "\\textbackslash{}");
		else if (*text == '~')
			text_append(out, "\\textasciitilde{}");
		else if (*text == '^')
			text_append(out, "\\textasciicircum{}");
		else
			text_append_bytes(out, text, 1);
	}
}

static void append_field(struct text_buffer *out, const char *name, const char *value)
{
	text_append_format(out, "  %s = {", name);
	append_tex(out, value);
	text_append(out, "},\n");
}

void citation_append_bibtex(struct text_buffer *out, const json_t *run, const char *title)
{
	struct text_buffer note = {0};

	append_run(&note, run);
	/* The inner braces keep a name that is no person's whole, and capitals as they are. */
	text_append_format(out, "@misc{tenk-%s,\n  author = \"{%s}\",\n  title = \"{",
			   json_string_of(run, "id"), CITED_AUTHORS);
	append_tex(out, title);
	text_append_format(out, "}\",\n  year = {%.4s},\n", json_string_of(run, "started_at"));
	text_append(out, "  howpublished = {Measured with ``");
	append_tex(out, CITED_TITLE);
	text_append_format(out, "'', version %s},\n", json_string_of(run, "tenk_version"));
	append_field(out, "note", text_string(&note));
	text_append(out, "}\n");
	out->failed = out->failed || text_failed(&note);
	text_destroy(&note);
}
