#: title    CPU time of one request, everywhere
#: data     grid
#: metrics  server_cpu_per_request_ns
#: y-title  CPU time of the server per request
#: caption  The server's own as a multiple of the yardstick's, within blocks. Orange costs more, blue
#: caption  less, pale is alike. Hatched: a lower bound.
#
# Where in the range of the axis the differences are.

set xlabel axis_title noenhanced
unset grid
unset border
set label 1 x_title at screen sx(0), screen sy(1) offset character 0.6, -1 left noenhanced

# From pale towards orange or blue, of the same lightness on both pages.
channel(from, to, d) = int(from + (to - from) * d)
colour(d) = d > 0 \
	? 65536 * channel(238, 226, d) + 256 * channel(238, 122, d) + channel(238, 40, d) \
	: 65536 * channel(238, 74, -d) + 256 * channel(238, 144, -d) + channel(238, 217, -d)

# A plot for each row, so that the page can find what belongs to a server.
row(i, value) = column(1) == i ? value : NaN

plot for [i = 1:rows] data index 0 \
		using (row(i, $2)):1:($2 - 0.49):($2 + 0.49):($1 - 0.46):($1 + 0.46):(colour($3)) \
		with boxxyerror fs solid noborder lc rgb variable title row_name[i], \
	for [i = 1:rows] data index 0 \
		using ($4 == 1 ? row(i, $2) : NaN):1:($2 - 0.49):($2 + 0.49):($1 - 0.46):($1 + 0.46) \
		with boxxyerror fs pattern 4 noborder lc rgb quiet title row_name[i], \
	for [i = 1:rows] data index 0 using (row(i, $2)):1:5 \
		with labels textcolor rgb "#1b2026" noenhanced title row_name[i]
