#include "harness/trial/settings.h"

#include <stdio.h>

/* A count of 0 is what a server does that is told nothing, but where `none_of` is set: there it would keep some. */
static const struct {
	enum server_setting setting;
	size_t offset; /* in struct load */
	enum server_setting none_of;
} counts[] = {
	{SETTING_WORKERS, offsetof(struct load, workers), SETTINGS},
	{SETTING_OFFLOAD, offsetof(struct load, offload), SETTINGS},
	{SETTING_DATABASE_CONNECTIONS, offsetof(struct load, database_connections), SETTINGS},
	{SETTING_FETCH_CONNECTIONS, offsetof(struct load, fetch_connections), SETTING_BACKEND},
};

void trial_settings_add(struct server_settings *settings, const struct load *load)
{
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const uint64_t *count = (const void *)((const char *)load + counts[i].offset);

		if (*count > 0 ||
		    (counts[i].none_of < SETTINGS && *settings->values[counts[i].none_of]))
			snprintf(settings->values[counts[i].setting], SETTING_BYTES, "%llu",
				 (unsigned long long)*count);
	}
}
