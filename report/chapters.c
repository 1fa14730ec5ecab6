/*
 * The chapters of the page. A part stands in the one whose question it answers; a chapter that the run
 * has nothing for is not there, and those that are there are numbered.
 */
#include "report/section.h"

#include "report/observed.h"
#include "stored/ladder_end.h"

static const struct {
	const char *id, *title;
} chapters[] = {
	[CHAPTER_BUSY] = {"section-busy", "Busy"},
	[CHAPTER_SLOW] = {"section-slow", "Slow"},
	[CHAPTER_MEMORY] = {"section-memory", "Memory"},
	[CHAPTER_LIMITS] = {"section-limits", "Limits"},
	[CHAPTER_INSIDE] = {"section-inside", "Inside"},
	[CHAPTER_CLAIMS] = {"section-claims", "Claims"},
	[CHAPTER_AGAINST] = {"section-against", "Against another run"},
	[CHAPTER_EVIDENCE] = {"section-evidence", "Evidence"},
};

static enum chapter chapter_of(const struct part *part)
{
	static const enum chapter of_kind[] = {
		[PART_RATE] = CHAPTER_BUSY,
		[PART_LATENCY] = CHAPTER_SLOW,
		[PART_MEMORY] = CHAPTER_MEMORY,
	};

	if (observed_is(part))
		return CHAPTER_INSIDE;
	if (ladder_is(part->json))
		return CHAPTER_LIMITS;
	if (json_is_true(json_object_get(json_object_get(part->json, "load"), "burst")))
		return CHAPTER_SLOW; /* what it asks is when the last one has its answer */
	return of_kind[part->kind];
}

static bool chapter_is_there(const struct report *report, enum chapter chapter)
{
	if (chapter == CHAPTER_EVIDENCE)
		return true;
	if (chapter == CHAPTER_CLAIMS)
		return report->verdict_count > 0;
	if (chapter == CHAPTER_AGAINST)
		return report->against != NULL;
	for (size_t i = 0; i < report->part_count; i++)
		if (chapter_of(&report->parts[i]) == chapter)
			return true;
	return false;
}

/* "3 Memory". */
static void append_title(struct text_buffer *out, const struct report *report, enum chapter chapter)
{
	size_t number = 1;

	for (enum chapter before = 0; before < chapter; before++)
		number += chapter_is_there(report, before);
	text_append_format(out, "%zu %s", number, chapters[chapter].title);
}

void section_contents(struct page *page, const struct report *report)
{
	page_contents_begin(page);
	for (enum chapter chapter = 0; chapter < CHAPTER_COUNT; chapter++) {
		struct text_buffer title = {0};

		if (!chapter_is_there(report, chapter))
			continue;
		append_title(&title, report, chapter);
		page_contents_item(page, chapters[chapter].id, text_string(&title));
		text_destroy(&title);
	}
	page_contents_end(page);
}

static void evidence(struct page *page, const struct report *report)
{
	section_trials(page, report);
	section_generator(page, report);
	section_environment(page, report);
	section_repeat(page, report);
}

void section_chapters(struct page *page, const struct report *report)
{
	for (enum chapter chapter = 0; chapter < CHAPTER_COUNT; chapter++) {
		struct text_buffer title = {0};

		if (!chapter_is_there(report, chapter))
			continue;
		append_title(&title, report, chapter);
		page_heading(page, 2, chapters[chapter].id, text_string(&title));
		text_destroy(&title);
		if (chapter == CHAPTER_CLAIMS)
			section_verdicts(page, report);
		else if (chapter == CHAPTER_AGAINST)
			section_against(page, report);
		else if (chapter == CHAPTER_EVIDENCE)
			evidence(page, report);
		for (size_t i = 0; i < report->part_count; i++)
			if (chapter_of(&report->parts[i]) == chapter)
				section_part(page, report, i);
	}
}
