/*
 * SIGTERM and SIGINT: the first of them makes a descriptor readable, so that a server stops in good
 * order; the second ends the process at once, whatever it is doing, as the signal does by itself.
 */
#ifndef TENK_STOP_H
#define TENK_STOP_H

/*
 * Once in a process. A signal that is ignored (nohup, a shell's background) stays ignored. Returns
 * the descriptor or -errno.
 */
int stop_open(void);

#endif
