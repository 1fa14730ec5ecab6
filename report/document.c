/* One document of a report alone: the report is written where nobody looks, and one file of it is copied. */
#include "report/report.h"

#include "lib/temporary.h"
#include "report/files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int document_copy(const char *folder, const char *name, FILE *out, struct error *error)
{
	struct text_buffer text = {0};
	int result = file_read(&text, folder, name, error);

	if (result == 0 && fwrite(text_string(&text), 1, text.length, out) != text.length) {
		error_set(error, "%s could not be written", name);
		result = -EIO;
	}
	text_destroy(&text);
	return result;
}

int report_write_document(const struct results *results, const struct report_options *options,
			  const char *name, FILE *out, struct error *error)
{
	struct report_options elsewhere = *options;
	char folder[PATH_MAX], report[PATH_MAX + sizeof "/report"];
	int result, copied;

	temporary_template(folder, sizeof folder, "tenk-report");
	if (!mkdtemp(folder)) {
		result = -errno;
		error_set(error, "%s: %s", folder, strerror(errno));
		return result;
	}
	snprintf(report, sizeof report, "%s/report", folder);
	elsewhere.report_directory = report;
	result = report_write(results, &elsewhere, error);
	if (result >= 0) {
		copied = document_copy(report, name, out, error);
		result = copied < 0 ? copied : result;
	}
	temporary_remove(folder);
	return result;
}
