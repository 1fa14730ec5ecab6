# Metrics against an axis, in panels: the first with thick lines, a second thin and dotted with hollow marks.

set xlabel x_title noenhanced
set multiplot
do for [p = 1:panels] {
	load charts.'common-panel.gp'
	from = panel_first[p]
	to = panel_last[p]
	plot for [i = from:to] data index medians(member[i], 1) \
			using 1:($5 > dots ? $3 : NaN):(0):($4 - $3) \
			with vectors heads size screen 0.006, 90 lw 1 dt solid lc rgb member_colour[i] \
			title member_title[i], \
		for [i = from:to] data index trials(member[i], 1) using 1:($4 <= dots ? $2 : NaN) \
			with points pt 7 ps 0.25 lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index trials(member[i], 1) using 1:($3 == 1 ? $2 : NaN) \
			with points pt 6 ps 0.55 lw 1 lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index second(member[i]) using 1:(metrics > 1 ? $2 : NaN) \
			with linespoints lw 1.2 dt (2, 3) pt member_mark[i] - 1 ps 0.5 \
			lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index medians(member[i], 1) using 1:($6 == 0 ? $2 : NaN) \
			with lines lt i title member_title[i], \
		for [i = from:to] data index medians(member[i], 1) \
			using 1:($6 == 0 && $7 == 0 ? $2 : NaN):8 with labels hypertext noenhanced \
			point pt member_mark[i] ps 0.6 lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index medians(member[i], 1) using 1:($6 == 1 ? $2 : NaN):8 \
			with labels hypertext noenhanced point pt member_mark[i] - 1 ps 0.75 lw 1.4 \
			lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index medians(member[i], 1) \
			using 1:($6 == 1 ? $2 : NaN):(0): \
			(y_log ? $2 * ((y_high / y_low) ** 0.06 - 1) : 0.06 * (y_high - y_low)) \
			with vectors head size screen 0.006, 40 lw 1.2 dt solid lc rgb member_colour[i] \
			title member_title[i], \
		for [i = from:to] data index medians(member[i], 1) using 1:($7 == 1 ? $2 : NaN):8 \
			with labels hypertext noenhanced point pt 2 ps 1 lw 2.2 lc rgb member_colour[i] \
			title member_title[i], \
		for [i = from:to] data index marks(member[i]) using 1:($2 == 1 ? foot : NaN) axes x1y2 \
			with points pt 2 ps 0.9 lw 2 lc rgb member_colour[i] title member_title[i], \
		for [i = from:to] data index marks(member[i]) using 1:($2 == 0 ? foot : NaN) axes x1y2 \
			with points pt 1 ps 0.9 lw 2 lc rgb member_colour[i] title member_title[i]
}
unset multiplot
