#include "harness/catalogue/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct server_setting_row server_setting_rows[SETTINGS] = {
	[SETTING_WORKERS] = {"workers", "TENK_WORKERS", false},
	[SETTING_OFFLOAD] = {"offload", "TENK_OFFLOAD", false},
	[SETTING_FILES] = {"files", "TENK_FILES", true},
	[SETTING_DATABASE] = {"database", "TENK_DATABASE", true},
	[SETTING_DATABASE_CONNECTIONS] = {"database-connections", "TENK_DATABASE_CONNECTIONS",
					  true},
	[SETTING_BACKEND] = {"backend", "TENK_BACKEND", true},
	[SETTING_FETCH_CONNECTIONS] = {"fetch-connections", "TENK_FETCH_CONNECTIONS", true},
};

bool server_settings_set(struct server_settings *settings, enum server_setting setting,
			 const char *value)
{
	size_t length = strlen(value);

	if (length >= SETTING_BYTES)
		return false;
	memcpy(settings->values[setting], value, length + 1);
	return true;
}

void server_settings_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}

char **server_settings_environment(const struct server_settings *settings, char *const *inherited)
{
	size_t count = 0, made = 0;
	char **environment;

	while (inherited[count])
		count++;
	environment = calloc(count + SETTINGS + 1, sizeof *environment);
	for (size_t i = 0; environment && i < count + SETTINGS; i++) {
		const char *value = i < count ? NULL : settings->values[i - count];

		if (value && !*value)
			continue;
		if (!value)
			environment[made] = strdup(inherited[i]);
		else if (asprintf(&environment[made], "%s=%s",
				  server_setting_rows[i - count].environment, value) < 0)
			environment[made] = NULL;
		if (!environment[made++]) {
			server_settings_environment_free(environment);
			return NULL;
		}
	}
	return environment;
}
