# A history of runs (tenk history --report): a panel for each metric of a cell, runs from left to right.
# tenk runs, in this order, gnuplot prologue.gp charts/history.gp, in a folder that holds data.txt and the
# prologue, which sets:
#
#   chart_width, chart_height
#   key_step                  how far apart the names of servers stand, in the plot's height
#   panels, and of each: panel_title[], panel_cell[], panel_format[] (of the tics of y), y_low[], y_high[], y_step[],
#     series_first[], series_last[], and change_first[], change_last[] (none: the last is below the first)
#   series_row[] (of its name beside the plot; -1: it stands there already), series_title[],
#     series_colour[], series_mark[]
#   change_x[], change_title[], change_colour[], change_row[]
#   machines, machine_x[]     where runs of another machine begin
#   runs                      their number; and the tics of x
#
# data.txt holds a dataset for each series: run, value, low, high, 1 for a lower bound.

data = 'data.txt'

set encoding utf8
set terminal svg size chart_width, chart_height dynamic enhanced \
	font "system-ui,sans-serif,13" rounded name "chart"
set border 3 lc rgb "#808080" lw 0.8
set tics nomirror out scale 0.6 textcolor rgb "black" noenhanced
set grid ytics lc rgb "#808080" lw 0.4 dt (1,4)
set lmargin 9
set tmargin 3
set bmargin 1.8
set rmargin 24
unset key
set xrange [0.5:runs + 0.5]

set multiplot layout panels, 1
do for [p = 1:panels] {
	unset label
	unset arrow
	set label panel_title[p].": ".panel_cell[p] at graph 0, graph 1 \
		offset character -7, 1.9 left noenhanced
	do for [m = 1:machines] {
		set arrow from machine_x[m], graph 0 to machine_x[m], graph 1 nohead \
			lc rgb "#808080" lw 1 dt (6,4)
	}
	do for [c = change_first[p]:change_last[p]] {
		set arrow from change_x[c], graph 0 to change_x[c], graph 1 nohead \
			lc rgb change_colour[c] lw 1 dt (2,3)
		set label change_title[c] at change_x[c], graph 1 offset character 0.3, 0.5 - change_row[c] \
			left textcolor rgb change_colour[c] noenhanced
	}
	do for [s = series_first[p]:series_last[p]] {
		if (series_row[s] >= 0) {
			set label series_title[s] at graph 1.04, graph 1 - key_step * series_row[s] left noenhanced \
				point pt series_mark[s] ps 0.6 lc rgb series_colour[s] offset character 1, -0.2
		}
	}
	set yrange [y_low[p]:y_high[p]]
	set ytics y_step[p]
	set format y panel_format[p]
	plot for [s = series_first[p]:series_last[p]] data index s - 1 using 1:3:(0):($4 - $3) \
			with vectors nohead lw 1.2 dt solid lc rgb "#c8".substr(series_colour[s], 2, 7) notitle, \
		for [s = series_first[p]:series_last[p]] data index s - 1 using 1:2 \
			with lines lw 1.4 dt solid lc rgb series_colour[s] notitle, \
		for [s = series_first[p]:series_last[p]] data index s - 1 using 1:($5 == 0 ? $2 : NaN) \
			with points pt series_mark[s] ps 0.5 lc rgb series_colour[s] notitle, \
		for [s = series_first[p]:series_last[p]] data index s - 1 using 1:($5 == 1 ? $2 : NaN) \
			with points pt series_mark[s] - 1 ps 0.6 lw 1.2 lc rgb series_colour[s] notitle
}
unset multiplot
