/* What a generator whose load comes in slices (tenk-load --slices-fd) and those who conduct it agree on. */
#ifndef TENK_SLICES_PATIENCE_H
#define TENK_SLICES_PATIENCE_H

#include "lib/clock.h"

/* At rest it gives up when no order has come for so long: that of many servers comes when the last of them is warm. */
#define SLICES_PATIENCE_NS (600 * NS_PER_S)

#endif
