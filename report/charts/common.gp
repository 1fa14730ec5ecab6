# What every chart shares. tenk runs, in this order,
#
#     gnuplot prologue.gp charts/common.gp charts/NAME.gp
#
# in a folder that holds data.txt and the prologue, which sets:
#
#   chart_width, chart_height             of the SVG
#   y_title, and x_title on axis charts
#   series, series_title[], series_mark[], series_colour[]   the servers, and linetypes 1 to series
#   metrics                               how many the head of NAME.gp lists
#   saturated, failed, invalid            how many such trials there are (axis and percentiles)
#   ranges, logarithms and tics of both axes, and x_low, x_high, y_low, y_high (of a percentiles
#   chart only y, and x_last)
#
# data.txt holds datasets, found by the functions below (s and m count from 1):
#
#   axis          medians(s,m)   x, median, low, high, trials, 1 for a lower bound
#                 trials(s,m)    x, value, 1 if saturated
#                 marks(s)       x, 1 if failed and 0 if invalid
#                 also claimed, claimed_each[], claimed_title[]
#   percentiles   curve(s)       1/(1-p), median, low, high
#                 curves(s)      1/(1-p), value; a line for each trial
#   slopes        rows(m)        line, median, low, high, series, label
#                 row_trials(m)  line, value, series
#                 also slope[], the medians: (server - 1) * metrics + metric,
#                 lines, server_line[], metric_title[], metric_present[],
#                 claims (0 or 1), claim_low, claim_high
#                 A server takes a line for its name, then one for each metric that is there
#                 (stacked: one for all); lines count from 1 at the top.

data = 'data.txt'
medians(s, m) = 2 * ((s - 1) * metrics + m - 1)
trials(s, m) = medians(s, m) + 1
marks(s) = 2 * series * metrics + s - 1
curve(s) = 2 * (s - 1)
curves(s) = 2 * (s - 1) + 1
rows(m) = 2 * (m - 1)
row_trials(m) = 2 * (m - 1) + 1

set encoding utf8
set terminal svg size chart_width, chart_height dynamic enhanced \
	font "system-ui,sans-serif,13" rounded name "chart"
set border 3 lc rgb "#808080" lw 0.8
set tics nomirror out scale 0.6 textcolor rgb "black" noenhanced
set grid xtics ytics lc rgb "#808080" lw 0.4 dt (1,4)
unset mxtics
unset mytics

# Below the chart, where a long name finds room on any screen.
set key bmargin center horizontal Left reverse samplen 2.5 spacing 1.15 height 0.6 noenhanced
set xlabel offset character 0, 0.3
# The title of y stands level above the axis instead of on its side.
set label 1 y_title at screen 0, screen 1 offset character 0.6, -1 left noenhanced
set tmargin 2.6
set rmargin 2.5

# The foot of the chart, where trials without a figure are marked, whatever the range of y.
set y2range [0:1]
unset y2tics
foot = 0.025
