#include "harness/trial/settings.h"

#include <stdio.h>

static const struct {
	enum server_setting setting;
	size_t offset; /* of a count in struct load; 0 is none */
} counts[] = {
	{SETTING_WORKERS, offsetof(struct load, workers)},
	{SETTING_OFFLOAD, offsetof(struct load, offload)},
	{SETTING_DATABASE_CONNECTIONS, offsetof(struct load, database_connections)},
	{SETTING_FETCH_CONNECTIONS, offsetof(struct load, fetch_connections)},
};

void trial_settings_add(struct server_settings *settings, const struct load *load)
{
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const uint64_t *count = (const void *)((const char *)load + counts[i].offset);

		if (*count > 0)
			snprintf(settings->values[counts[i].setting], SETTING_BYTES, "%llu",
				 (unsigned long long)*count);
	}
}
