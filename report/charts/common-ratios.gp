# A metric of servers as a multiple of one's: a row each.

set xlabel x_title noenhanced
set grid noytics
set border 1
set object 1 rectangle from 1 / (1 + matters), graph 0 to 1 + matters, graph 1 \
	fc rgb quiet fs solid 0.25 noborder behind
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lw 1 lc rgb quiet

# A plot for each row, so that the page can find what belongs to a server.
row(i, value) = column(1) == i ? value : NaN

plot for [i = 1:rows] data index 0 using (row(i, $3)):1:($5 > dots ? $4 - $3 : NaN):(0):7 \
		with vectors heads size screen 0.006, 90 lw 1.6 dt solid lc rgb variable title row_name[i], \
	for [i = 1:rows] data index 0 using ($6 == 0 ? row(i, $2) : NaN):1:7 \
		with points pt 7 ps 0.9 lc rgb variable title row_name[i], \
	for [i = 1:rows] data index 1 using (row(i, $2)):1 \
		with points pt 7 ps 0.35 lc rgb "black" title row_name[i], \
	for [i = 1:rows] data index 0 using ($6 == 1 ? row(i, $2) : NaN):1:7 \
		with points pt 6 ps 0.9 lw 1.6 lc rgb variable title row_name[i], \
	for [i = 1:rows] data index 0 using (row(i, x_high)):1:8 \
		with labels left offset character 1, 0 noenhanced title row_name[i]
