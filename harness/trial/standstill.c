#include "harness/trial/standstill.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"

/* Two clocks are not read at once: if we lose the core in between, once more. */
#define AT_ONCE_NS NS_PER_MS
enum { READS_MOST = 20 };

void standstill_read(struct standstill *now)
{
	uint64_t before_ns, boot_ns, after_ns;
	int reads = 0;

	do {
		before_ns = clock_now_ns();
		boot_ns = clock_read_ns(CLOCK_BOOTTIME);
		after_ns = clock_now_ns();
	} while (after_ns - before_ns > AT_ONCE_NS && ++reads < READS_MOST);
	now->slept_ns = boot_ns > after_ns ? boot_ns - after_ns : 0;
	now->continued = interrupt_continued();
}
