/* A column of a sparkline: a series so small that it fits into a line of text. */
#ifndef TENK_SPARKLINE_H
#define TENK_SPARKLINE_H

/* One of eight bars for 0 to 1, what is outside at the ends; a blank for NAN. One column wide. */
const char *sparkline_bar(double share);

/* The same for who can show ASCII only. */
const char *sparkline_bar_ascii(double share);

#endif
