#: title    Connections that a GiB holds
#: data     slopes
#: metrics  total_per_connection_bytes
#: fit      1073741824 connections_per_gib
#: x        linear
#: caption  How many connections a GiB holds, the kernel's share included and without what the
#: caption  server itself takes: a GiB by the total slope. Big marks are medians, small dots single
#: caption  trials, short lines the intervals.
#
# The total of a connection the other way round: what capacity is planned with.

set yrange [lines + 0.6:0.3]
unset ytics
set grid noytics
set border 1
set lmargin 2
unset label 1
set tmargin 0.4
set for [s = 1:series] label 10 + s series_title[s] \
	at graph 0, first server_line[s] offset character 0.2, 0 left noenhanced
do for [s = 1:series] {
	if (slope[s] > 0) {
		set object 100 + s rectangle from 0, server_line[s] + 0.8 to slope[s], \
			server_line[s] + 1.2 fc rgb series_colour[s] fs solid 0.25 noborder
	}
}

plot data index row_trials(1) using 2:1:(series_colour[int($3)]) \
		with points pt 7 ps 0.22 lc rgb variable notitle, \
	data index rows(1) using 3:1:($4 - $3):(0):(series_colour[int($5)]) \
		with vectors heads size screen 0.006, 90 lw 1.2 dt solid lc rgb variable notitle, \
	data index rows(1) using 2:1:(series_colour[int($5)]) \
		with points pt 7 ps 0.75 lc rgb variable notitle, \
	data index rows(1) using 4:1:6 with labels left offset character 1.2, 0 noenhanced notitle
