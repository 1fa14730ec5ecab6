# What every chart shares. tenk runs, in this order,
#
#     gnuplot prologue.gp charts/common.gp charts/NAME.gp
#
# in a folder that holds the chart's data and the prologue, which sets:
#
#   chart_width, chart_height             of the picture, in pixels
#   data                                  the file of its data
#   charts                                the folder of these files, with a slash at its end
#   share                                 1: a picture to pass on, as PNG (see common-share.gp)
#   sx(), sy()                            where a place of the chart, 0 to 1, lies on the screen
#   y_title, and x_title                  what the axes say
#   ranges, logarithms and tics of both axes, and x_low, x_high, x_log, y_low, y_high, y_log
#
# The data are datasets, each found by its index (s and m count from 1):
#
#   axis          medians(s,m)  x, median, low, high, trials, 1 for a lower bound, 1 where a line ends
#                               because the offered rate was not answered, title
#                 trials(s,m)   x, value, 1 if saturated, trials
#                 marks(s)      x, 1 if failed and 0 if invalid
#                 also series, metrics
#   percentiles   curve(s)      1/(1-p), median, low, high
#                 curves(s)     1/(1-p), value; a line for each trial
#   stack         0 row, begin, end, metric, text    1 row, whole, low, high, blocks, text
#                 2 row, whole, blocks
#   ratios        0 row, ratio, low, high, blocks, 1 for a bound, colour, text    1 row, ratio
#                 also matters, the smallest difference that does
#   grid          0 row, column, depth (-1 better to 1 worse), 1 for a lower bound, text
#                 also columns, axis_title
#   ladder        0 row, held, not held, servers, text; also wall, wall_low, wall_high, wall_title
#   plane         0 x, low, high, y, low, high, size, colour, 1 if named, where, server, title
#                 also plane_title, area_title, marks, mark_name[]
#   claims        0 row, low, high    1 row, measured, low, high, 1 for the headline, 1 for a bound, colour
#                 2 row, what was found, of whom
#
# axis and percentiles come in panels: see common-panel.gp. The others have a row a server, counted from the
# top, whose names are row_name[] and the tics of y; rows is their number.

medians(s, m) = 2 * ((s - 1) * metrics + m - 1)
trials(s, m) = medians(s, m) + 1
marks(s) = 2 * series * metrics + s - 1
second(s) = metrics > 1 ? medians(s, 2) : marks(s)
curve(s) = 2 * (s - 1)
curves(s) = 2 * (s - 1) + 1

# So many values are drawn as dots, more as their interval.
dots = 5

# Grey of what helps to read, not of what was measured.
quiet = "#808080"

set encoding utf8
if (share) {
	set terminal pngcairo size 1200, 630 enhanced font "DejaVu Sans,15" rounded \
		linewidth 1.4 pointscale 1.7
	load charts.'common-share.gp'
} else {
	set terminal svg size chart_width, chart_height dynamic enhanced \
		font "system-ui,sans-serif,14" rounded name "chart"
}
set border 3 lc rgb quiet lw 0.8
set tics nomirror out scale 0.6 textcolor rgb "black" noenhanced
set grid xtics ytics lc rgb quiet lw 0.4 dt (1,4)
unset mxtics
unset mytics
unset key
set xtics offset character 0, 0.5
set xlabel offset character 0, 0.9

# The foot of a plot, where trials without a figure are marked, whatever the range of y.
set y2range [0:1]
unset y2tics
foot = 0.025
