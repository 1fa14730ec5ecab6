# The kinds of memory, end to end, a row a server.

array kind_title[5] = ["its own", "sockets, files, tasks", "kernel stacks", "page tables", \
	"socket buffers"]
array kind_colour[5] = [0x4a5560, 0x76818c, 0x9aa4ae, 0xbcc4cb, 0xdde2e6]
array kind_text[5] = [0xffffff, 0xffffff, 0x1b2026, 0x1b2026, 0x1b2026]

set xlabel x_title noenhanced
set grid noytics
set border 1
array kind_x[5] = [0.015, 0.12, 0.35, 0.52, 0.66]
head = 1 - 18.0 / chart_height
set for [m = 1:5] label m kind_title[m] at screen sx(kind_x[m]), screen sy(head) \
	offset character 1.2, 0 left noenhanced point pt 5 ps 1.2 lc rgb kind_colour[m]

# A number stands in a segment that is wide enough for it.
fits(begin, end) = (end - begin) / (x_high - x_low) > 0.13

# A plot for each row, so that the page can find what belongs to a server.
row(i, value) = column(1) == i ? value : NaN

plot for [i = 1:rows] data index 0 using (row(i, $2)):1:2:3:($1 - 0.36):($1 + 0.36):(kind_colour[int($4)]) \
		with boxxyerror fs solid noborder lc rgb variable title row_name[i], \
	for [i = 1:rows] data index 0 \
		using (fits($2, $3) ? row(i, ($2 + $3) / 2) : NaN):1:5:(kind_text[int($4)]) \
		with labels textcolor rgb variable noenhanced title row_name[i], \
	for [i = 1:rows] data index 1 using ($5 > dots ? row(i, $3) : NaN):1:($4 - $3):(0) \
		with vectors heads size screen 0.006, 90 lw 1.2 dt solid lc rgb "black" title row_name[i], \
	for [i = 1:rows] data index 2 using ($3 <= dots ? row(i, $2) : NaN):1 \
		with points pt 7 ps 0.25 lc rgb "black" title row_name[i], \
	for [i = 1:rows] data index 1 using (row(i, $4)):1:6 \
		with labels left offset character 1, 0 noenhanced title row_name[i]
