#: title    A burst: who has an answer so far
#: data     answered
#: y-title  answered so far, of all
#: caption  All are asked for at once; time counts from then. The steeper, the sooner all have their answer,
#: caption  and where a line bends, the rest waits. Thick lines are medians over the trials, thin ones
#: caption  single trials.
#
# How a crowd that comes at once is served.

set xlabel 'time since all were due'
set yrange [0:1.04]
set ytics ('0' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '100 %%' 1)

set multiplot
do for [p = 1:panels] {
	load charts.'common-panel.gp'
	from = panel_first[p]
	to = panel_last[p]
	plot for [i = from:to] data index curves(member[i]) using 2:(1 - 1 / $1) \
			with lines lw 0.6 dt solid lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index curve(member[i]) using 2:(1 - 1 / $1) \
			with linespoints lt i pointinterval 12 title member_title[i]
}
unset multiplot
