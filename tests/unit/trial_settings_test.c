#include "harness/trial/settings.h"

#include <criterion/criterion.h>

static const char *set_by(const struct load *load, const char *backend, enum server_setting setting)
{
	static struct server_settings settings;

	settings = (struct server_settings){0};
	cr_assert(server_settings_set(&settings, SETTING_BACKEND, backend));
	trial_settings_add(&settings, load);
	return settings.values[setting];
}

Test(trial_settings, counts_are_passed_on_and_none_is_left_to_the_server)
{
	const struct load load = {.workers = 3, .database_connections = 16}, nothing = {0};

	cr_expect_str_eq(set_by(&load, "", SETTING_WORKERS), "3");
	cr_expect_str_eq(set_by(&load, "", SETTING_DATABASE_CONNECTIONS), "16");
	cr_expect_str_eq(set_by(&nothing, "127.0.0.1:1", SETTING_WORKERS), "");
	cr_expect_str_eq(set_by(&nothing, "127.0.0.1:1", SETTING_OFFLOAD), "");
	cr_expect_str_eq(set_by(&nothing, "127.0.0.1:1", SETTING_DATABASE_CONNECTIONS), "");
}

Test(trial_settings, who_asks_a_backend_is_told_that_it_may_keep_no_connection)
{
	const struct load fresh = {0}, kept = {.fetch_connections = 64};

	cr_expect_str_eq(set_by(&fresh, "127.0.0.1:1", SETTING_FETCH_CONNECTIONS), "0");
	cr_expect_str_eq(set_by(&kept, "127.0.0.1:1", SETTING_FETCH_CONNECTIONS), "64");
	cr_expect_str_eq(set_by(&fresh, "", SETTING_FETCH_CONNECTIONS), "");
}
