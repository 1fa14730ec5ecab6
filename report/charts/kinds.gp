#: title    Response times of the requests of one kind
#: data     axis
#: metrics  latency_p99_ns@ latency_p50_ns@
#: y        log
#: y-title  response time
#: caption  Lines join the medians of the trials' p99 and, thin and dotted with hollow marks, of their p50:
#: caption  half of the requests of this kind took no longer than that, and one in a hundred longer
#: caption  than the upper line. Small dots are trials, bars the intervals.
#
# What the other kinds of a mix do to the requests of one. A chart for each kind.

set xlabel x_title noenhanced

plot for [s = 1:series] data index medians(s, 1) using 1:3:(0):($4 - $3) \
		with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:2 \
		with points pt 7 ps 0.22 lc rgb series_colour[s] notitle, \
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
