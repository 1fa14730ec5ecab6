/* What others' pages and chats show of a link to the page: the finding, its tiles, the picture. */
#include "report/section.h"

#include <string.h>

static void append_meta(struct text_buffer *out, const char *key, const char *name,
			const char *text)
{
	text_append_format(out, "<meta %s=\"%s\" content=\"", key, name);
	text_append_html(out, text);
	text_append(out, "\">\n");
}

/* "Memory per connection x 10.0 [10.0, 10.1] (thread-per-connection against epoll); ...". */
static void append_tiles(struct text_buffer *out, const struct findings *findings)
{
	const struct finding *finding;

	for (size_t i = 0; i < FINDINGS_TILES && (finding = findings_tile(findings, i)); i++)
		text_append_format(out, "%s%s: %s (%s)", i ? "; " : "", finding->title,
				   finding->text, finding->compared);
}

void section_document_head(struct text_buffer *out, const struct report *report,
			   const char *base_url)
{
	struct text_buffer description = {0}, address = {0};

	append_meta(out, "name", "description", report->findings.headline);
	if (!base_url)
		return;
	append_tiles(&description, &report->findings);
	text_append_format(&address, "%s%s", base_url,
			   base_url[strlen(base_url) - 1] == '/' ? "" : "/");
	append_meta(out, "property", "og:type", "article");
	append_meta(out, "property", "og:site_name", "tenk");
	append_meta(out, "property", "og:title", report->findings.headline);
	append_meta(out, "property", "og:description", text_string(&description));
	append_meta(out, "property", "og:url", text_string(&address));
	if (report->share_file) {
		text_append(&address, report->share_file);
		append_meta(out, "property", "og:image", text_string(&address));
		append_meta(out, "property", "og:image:alt", report->picture->title);
		append_meta(out, "name", "twitter:card", "summary_large_image");
	}
	out->failed = out->failed || text_failed(&description) || text_failed(&address);
	text_destroy(&description);
	text_destroy(&address);
}
