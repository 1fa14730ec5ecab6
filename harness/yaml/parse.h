/* Reading a YAML file. */
#ifndef TENK_YAML_PARSE_H
#define TENK_YAML_PARSE_H

#include "harness/yaml/yaml.h"

/*
 * Reads a file of at most 256 KiB. 0, -EINVAL with a message for wrong content, or another -errno
 * with a message. `file` and `error` must outlive the document.
 */
int yaml_read(struct yaml_document *document, const char *file, struct error *error);

#endif
