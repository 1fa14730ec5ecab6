#: title    Memory of one open connection
#: data     slopes
#: metrics  resident_per_connection_bytes virtual_per_connection_bytes kernel_per_connection_bytes total_per_connection_bytes
#: x        log
#: caption  Each mark is the median slope over the counts of connections, small dots are single
#: caption  trials, bars the intervals. The scale is logarithmic: a step to the right is four
#: caption  times as much or more. Under one byte stands at the left edge.
#
# What a connection costs the server: memory that it really occupies, address space that it only
# reserves, the kernel's share and the sum where they were measured.

array metric_mark[4] = [7, 6, 13, 12]
set yrange [lines + 0.6:0.3]
unset ytics
set grid noytics
set border 1
set lmargin 2
unset label 1
set tmargin (claims ? 1.6 : 0.4)
set for [s = 1:series] label 10 + s series_title[s] \
	at graph 0, first server_line[s] offset character 0.2, 0 left noenhanced
if (claims) set object 1 rectangle from claim_low, graph 0 to claim_high, graph 1 \
	fc rgb "#808080" fs solid 0.25 noborder behind
if (claims) set label 2 'claimed' at sqrt(claim_low * claim_high), graph 1 \
	offset character 0, 0.6 center noenhanced

plot for [m = 1:metrics] data index row_trials(m) using 2:1:(series_colour[int($3)]) \
		with points pt 7 ps 0.22 lc rgb variable notitle, \
	for [m = 1:metrics] data index rows(m) using 3:1:($4 - $3):(0):(series_colour[int($5)]) \
		with vectors heads size screen 0.006, 90 lw 1.2 lc rgb variable notitle, \
	for [m = 1:metrics] data index rows(m) using 2:1:(series_colour[int($5)]) \
		with points pt metric_mark[m] ps 0.75 lw 1.4 lc rgb variable notitle, \
	for [m = 1:metrics] data index rows(m) using 4:1:6 \
		with labels left offset character 1.2, 0 noenhanced notitle, \
	for [m = 1:metrics] NaN with points pt metric_mark[m] ps 0.75 lw 1.4 lc rgb "#808080" \
		title (metric_present[m] ? metric_title[m] : '')
