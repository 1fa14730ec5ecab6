#include "lib/sparkline.h"

#include <math.h>

enum { BARS = 8 };

/* Which of the bars; -1: none. */
static int level(double share)
{
	if (isnan(share))
		return -1;
	return (int)(fmin(fmax(share, 0), 1) * (BARS - 1));
}

const char *sparkline_bar(double share)
{
	static const char *const bars[BARS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int at = level(share);

	return at < 0 ? " " : bars[at];
}

const char *sparkline_bar_ascii(double share)
{
	static const char *const bars[BARS] = {"_", ".", ",", "-", "=", "+", "*", "#"};
	int at = level(share);

	return at < 0 ? " " : bars[at];
}
