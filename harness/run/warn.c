#include "harness/run/parts.h"

#include "lib/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void run_warn(struct run *run, const char *format, ...)
{
	char text[700];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	json_array_append_new(json_object_get(run->json, "warnings"), json_string(utf8_mend(text)));
}
