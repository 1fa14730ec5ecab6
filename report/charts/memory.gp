#: title    Resident memory of the server
#: data     axis
#: metrics  resident_bytes
#: x        linear
#: y-title  private resident memory
#: caption  With all its connections open. What a connection costs is the slope; where the line
#: caption  meets the left edge lies the server itself. Small dots are trials, bars the intervals.
#
# Memory of the whole server as the number of open connections grows.

set xlabel x_title noenhanced

plot for [s = 1:series] data index medians(s, 1) using 1:3:(0):($4 - $3) \
		with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index trials(s, 1) using 1:2 \
		with points pt 7 ps 0.22 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index medians(s, 1) using 1:2 \
		with linespoints lt s title series_title[s], \
	for [s = 1:series] data index marks(s) using 1:($2 == 1 ? foot : NaN) axes x1y2 \
		with points pt 2 ps 0.9 lw 2 lc rgb series_colour[s] notitle, \
	for [s = 1:series] data index marks(s) using 1:($2 == 0 ? foot : NaN) axes x1y2 \
		with points pt 1 ps 0.9 lw 2 lc rgb series_colour[s] notitle
