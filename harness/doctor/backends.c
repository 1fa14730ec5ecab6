/* Whether what servers ask in some scenarios can be run here. */
#include "harness/backends/backends.h"
#include "harness/doctor/checks.h"

#include <stdlib.h>
#include <string.h>

void doctor_check_backends(struct doctor_context *context, struct doctor_finding *finding)
{
	char *missing = backend_missing(BACKEND_POSTGRESQL, NULL);

	(void)context;
	doctor_set_value(finding, missing ? "no PostgreSQL" : "PostgreSQL is here");
	if (missing) {
		doctor_set_effect(finding, DOCTOR_NOTE, "scenarios with a database are left out");
		doctor_set_remedy(finding, "%s", missing);
	}
	free(missing);
}
