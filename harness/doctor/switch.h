/* What a context switch costs here. */
#ifndef TENK_DOCTOR_SWITCH_H
#define TENK_DOCTOR_SWITCH_H

/*
 * What handing over from one thread to another on the same core costs: two threads and two pipes,
 * against one thread with a pipe that makes the same system calls without a switch. Medians of
 * repeats. After lmbench's lat_ctx (McVoy and Staelin, USENIX 1996).
 */
struct doctor_switch_cost {
	double handover_ns; /* write, switch, read */
	double calls_ns;    /* write, read */
	double switch_ns;   /* the difference */
};

/* On the last core that we may run on. 0 or -errno. */
int doctor_measure_switch(struct doctor_switch_cost *cost);

#endif
