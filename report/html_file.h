/*
 * A page as a file of its own, which needs no other: template.html with style.css and script.js
 * filled in.
 */
#ifndef TENK_REPORT_HTML_FILE_H
#define TENK_REPORT_HTML_FILE_H

#include "lib/error.h"

struct html_document {
	const char *title; /* plain text */
	const char *head;  /* HTML: more elements for <head>; NULL: none */
	const char *body;  /* HTML */
};

/* Writes FOLDER/NAME, whole; `resources` is the folder with the template. 0 or -errno with a message. */
int html_file_write(const char *folder, const char *name, const char *resources,
		    const struct html_document *document, struct error *error);

#endif
