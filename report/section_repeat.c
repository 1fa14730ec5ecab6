/* How to do it again, and how to read the page. */
#include "report/section.h"

#include "report/format.h"

static const struct {
	const char *term, *meaning;
} glossary[] = {
	{"Trial.", "One fresh server process, measured once. Trials are what is counted: requests "
		   "of several trials are never thrown together."},
	{"Median and brackets.",
	 "The middle one of the trials; in brackets an interval that holds the true median with the "
	 "confidence stated, without assuming any distribution. With few trials it is their range: "
	 "of 3 trials it holds the true median three times in four, of 5 fifteen times in sixteen."},
	{"Block.",
	 "One round of the run: a trial of every server at every point. Servers are compared "
	 "within a block, so what slowed the machine from one block to the next is left out."},
	{"\xc3\x97, ratio.",
	 "How many times as much as another server, in the same blocks: the middle one of the blocks' "
	 "ratios (from six blocks on Hodges and Lehmann's estimate, with its exact interval)."},
	{"\xe2\x89\xa5, at least.",
	 "The server was not driven to its limit: its real maximum is not "
	 "known, so it is not ranked."},
	{"Closed loop.", "Each connection sends its next request when it has the answer. Shows how "
			 "much a server can do, but not how long a user would wait."},
	{"Open loop.", "Requests are due at a fixed rate, whatever the server does. Response time "
		       "counts from when a request was due, so waiting in line is included."},
	{"p50, p99.", "Half of all requests, 99 in 100, were answered within this time."},
	{"Resident and virtual memory.",
	 "Resident is what really occupies memory. Virtual is address space that was reserved; it "
	 "costs next to nothing until it is used."},
	{"Saturated, failed, invalid.",
	 "Saturated: the server did not keep up with the rate offered. Failed: it died, erred or "
	 "answered wrongly. Both are results. Invalid: the apparatus was at fault, so the trial is "
	 "kept but not counted."},
};

void section_repeat(struct page *page, const struct report *report)
{
	const json_t *run = report->results->run;
	const char *const files[] = {report->trials_file};
	struct text_buffer text = {0};

	page_fold_begin(page, "repeat", "Do it again");
	page_code(page, json_string_of(run, "repeat"));
	text_append_format(&text,
			   "Seed %.0f decides the order of the trials. This run started at %s",
			   json_number_of(run, "seed"), json_string_of(run, "started_at"));
	if (json_is_string(json_object_get(run, "finished_at")))
		text_append_format(&text, " and ended at %s", json_string_of(run, "finished_at"));
	text_append(&text, ".");
	page_paragraph(page, NULL, text_string(&text));
	page_files(page, "Every metric of every trial:", files, 1);
	text_destroy(&text);
	page_fold_end(page);
	page_fold_begin(page, "reading", "How to read this");
	page_list_begin(page, NULL);
	for (size_t i = 0; i < sizeof glossary / sizeof glossary[0]; i++)
		page_list_term(page, glossary[i].term, glossary[i].meaning);
	page_list_end(page);
	page_fold_end(page);
}
