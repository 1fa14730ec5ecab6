#: title    CPU time of one request
#: data     axis
#: metrics  server_cpu_per_request_ns load_cpu_per_request_ns
#: y-title  CPU time per request
#: caption  Thick lines: the server. Thin dotted lines with hollow marks: the generator while it
#: caption  loaded that server. On loopback the kernel charges receive processing to whoever
#: caption  sends, so read both. Small dots are trials, bars the intervals.
#
# What a request costs the server, with what it cost the generator beside it.

set xlabel x_title noenhanced

plot for [s = 1:series] data index medians(s, 1) using 1:3:(0):($4 - $3) \
		with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:2 \
		with points pt 7 ps 0.22 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 2) using 1:2 \
		with points pt 7 ps 0.15 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:($3 == 1 ? $2 : NaN) \
		with points pt 6 ps 0.55 lw 1 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index medians(s, 2) using 1:2 \
		with linespoints lw 1.4 dt (2, 3) pt series_mark[s] - 1 ps 0.6 lc rgb series_colour[s] \
		notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:2 \
		with linespoints lt s title series_title[s], \
	for [s = 1:series] data index marks(s) using 1:($2 == 1 ? foot : NaN) axes x1y2 \
		with points pt 2 ps 0.9 lw 2 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index marks(s) using 1:($2 == 0 ? foot : NaN) axes x1y2 \
		with points pt 1 ps 0.9 lw 2 lc rgb series_colour[s] notitle
