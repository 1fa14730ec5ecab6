#: title    Response time, from the quickest request to the slowest
#: data     percentiles
#: y        log
#: y-title  response time
#: caption  Read from the left: half of all requests are answered within the time above 50 %, and
#: caption  one in a hundred takes longer than the time above 99 %. Thick lines are medians over
#: caption  the trials, thin ones single trials. A line ends where fewer than 20 responses lie
#: caption  beyond it.
#
# The whole distribution, with the tail drawn out: x is 1/(1-p) on a logarithmic scale.

set xlabel 'percentile of requests'
set logscale x
set xrange [1:x_last * 1.1] noextend
set xtics ('50 %%' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1000, '99.99 %%' 10000, \
	'99.999 %%' 100000)
# Where the tail is long the labels of half and of nine in ten would touch.
if (x_last > 2000) set xtics ('50 %%' 2, '99 %%' 100, '99.9 %%' 1000, '99.99 %%' 10000, '99.999 %%' 100000)

set multiplot
do for [p = 1:panels] {
	load charts.'common-panel.gp'
	from = panel_first[p]
	to = panel_last[p]
	plot for [i = from:to] data index curves(member[i]) using 1:2 \
			with lines lw 0.6 dt solid lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index curve(member[i]) using 1:2 \
			with linespoints lt i pointinterval 12 title member_title[i]
}
unset multiplot
