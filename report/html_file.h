/* A page as a file of its own, which needs no other: template.html with style.css filled in. */
#ifndef TENK_REPORT_HTML_FILE_H
#define TENK_REPORT_HTML_FILE_H

#include "lib/error.h"

/*
 * Writes FOLDER/NAME, whole; `title` is plain text, `body` HTML, `resources` the folder with the template. 0
 * or -errno with a message.
 */
int html_file_write(const char *folder, const char *name, const char *resources, const char *title,
		    const char *body, struct error *error);

#endif
