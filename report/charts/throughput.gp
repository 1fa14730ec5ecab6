#: title    Requests answered each second
#: data     axis
#: metrics  requests_per_s
#: y-title  requests per second
#: caption  Small dots are trials, lines join their medians, bars are the intervals.
#: caption  A hollow mark with an arrow is a lower bound: the server was not driven to its limit.
#
# How much a server answers as the number of connections grows. A closed loop: what is found is
# the rate at so many connections, a maximum only where the server's cores were busy.

set xlabel x_title noenhanced

plot for [s = 1:series] data index medians(s, 1) using 1:3:(0):($4 - $3) \
		with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:2 \
		with points pt 7 ps 0.22 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:($3 == 1 ? $2 : NaN) \
		with points pt 6 ps 0.55 lw 1 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:2 \
		with lines lt s notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:($6 == 0 ? $2 : NaN) \
		with points lt s notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:($6 == 1 ? $2 : NaN) \
		with points lt s pt series_mark[s] - 1 ps 0.75 lw 1.4 notitle, \
	for [s = 1:series] data index medians(s, 1) \
		using 1:($6 == 1 ? $2 : NaN):(0):(0.07 * (y_high - y_low)) \
		with vectors head size screen 0.006, 40 lw 1.4 dt solid lc rgb series_colour[s] \
		notitle, \
	for [s = 1:series] NaN with linespoints lt s title series_title[s], \
	for [s = 1:series] data index marks(s) using 1:($2 == 1 ? foot : NaN) axes x1y2 \
		with points pt 2 ps 0.9 lw 2 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index marks(s) using 1:($2 == 0 ? foot : NaN) axes x1y2 \
		with points pt 1 ps 0.9 lw 2 lc rgb series_colour[s] notitle
