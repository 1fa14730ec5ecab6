#include "harness/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>

void doctor_set_value(struct doctor_finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->value, sizeof finding->value, format, arguments);
	va_end(arguments);
}

void doctor_set_effect(struct doctor_finding *finding, enum doctor_verdict verdict,
		       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->effect, sizeof finding->effect, format, arguments);
	va_end(arguments);
	if (verdict > finding->verdict)
		finding->verdict = verdict;
}

void doctor_set_remedy(struct doctor_finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->remedy, sizeof finding->remedy, format, arguments);
	va_end(arguments);
}
