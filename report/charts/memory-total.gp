#: title    All memory of a server, and what is said of it
#: data     axis
#: metrics  total_bytes
#: x        log
#: y        log
#: y-title  total memory, the kernel's share included
#: claimed  2000000 2 MB each (said of threads)
#: claimed  8000 8 kB each (said of event loops)
#: caption  All that the server's cgroup is charged, with its connections open. Grey lines are what
#: caption  popular articles claim. Where a server's line is flat, it is the server itself that
#: caption  costs; where it is parallel to the grey ones, its connections. Small dots are trials,
#: caption  bars the intervals.
#
# Total memory against the number of connections, with the popular claims drawn in.

set xlabel x_title noenhanced

plot for [i = 1:claimed] claimed_each[i] * x with lines lw 1.6 dt i + 1 lc rgb "#808080" \
		title claimed_title[i], \
	for [s = 1:series] data index medians(s, 1) using 1:3:(0):($4 - $3) \
		with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:2 \
		with points pt 7 ps 0.22 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:2 \
		with linespoints lt s title series_title[s], \
	for [s = 1:series] data index marks(s) using 1:($2 == 1 ? foot : NaN) axes x1y2 \
		with points pt 2 ps 0.9 lw 2 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index marks(s) using 1:($2 == 0 ? foot : NaN) axes x1y2 \
		with points pt 1 ps 0.9 lw 2 lc rgb series_colour[s] notitle
