#include "lib/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char separator[] = ": ";

int error_set(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

void error_prefix(struct error *error, const char *format, ...)
{
	char old[sizeof error->text];
	const size_t size = sizeof error->text;
	va_list arguments;
	size_t length, kept;

	memcpy(old, error->text, size);
	va_start(arguments, format);
	vsnprintf(error->text, size, format, arguments);
	va_end(arguments);
	length = strnlen(error->text, size - 1);
	if (length + strlen(separator) >= size)
		return;
	memcpy(error->text + length, separator, strlen(separator));
	length += strlen(separator);
	kept = strnlen(old, size - 1 - length);
	memcpy(error->text + length, old, kept);
	error->text[length + kept] = '\0';
}
