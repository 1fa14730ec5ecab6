/* What a load sets of the server that it is for. */
#ifndef TENK_TRIAL_SETTINGS_H
#define TENK_TRIAL_SETTINGS_H

#include "harness/catalogue/settings.h"
#include "harness/scenario/scenario.h"

/* Adds what the load sets to what is set already. */
void trial_settings_add(struct server_settings *settings, const struct load *load);

#endif
