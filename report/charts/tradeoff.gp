#: title    What a request costs against what a connection costs
#: data     plane
#: metrics  total_per_connection_bytes total_cpu_per_request_ns latency_p99_ns
#: x        log
#: y        log
#: y-title  CPU time of both sides per request
#: caption  Low and left is better: fewer bytes for an open connection, the kernel's share included, and less
#: caption  CPU time of server and generator for a request. Lines are the intervals. Grey marks are the
#: caption  run's other servers, named when pointed at.
#
# The trade-off between concurrency models, in one picture.

set label 1 plane_title at screen sx(0), screen sy(1) offset character 0.6, -1 left noenhanced
set xlabel 'total memory of one connection'
set arrow 1 from graph 0.93, graph better_height - 0.01 to graph 0.87, graph better_height - 0.13 lw 1.6 lc rgb quiet filled
set label 2 'better' at graph 0.94, graph better_height left noenhanced
set label 3 area_title at screen sx(1), screen sy(1) offset character -1, -1 right noenhanced

# To the right of a mark of that size; a mark of size 1 has a radius of 4.88 pixels, the plot 760.
beside(x, size) = x * (x_high / x_low) ** (0.012 + size * 4.88 / 760)

plot for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) using 2:4:($3 - $2):(0):8 \
		with vectors heads size screen 0.006, 90 lw 1.2 dt solid lc rgb variable title mark_name[i], \
	for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) using 1:5:(0):($6 - $5):8 \
		with vectors heads size screen 0.006, 90 lw 1.2 dt solid lc rgb variable title mark_name[i], \
	for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) using 1:4:7:8 \
		with points pt 6 ps variable lw 1.6 lc rgb variable title mark_name[i], \
	for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) using 1:4:8 \
		with points pt 7 ps 0.5 lc rgb variable title mark_name[i], \
	for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) using 1:4:12 \
		with labels hypertext noenhanced point pt 7 ps 0.3 lc rgb quiet title mark_name[i], \
	for [i = 1:marks] data index 0 every ::(i - 1)::(i - 1) \
		using ($9 == 1 ? beside($1, $7) : NaN):(y_low * (y_high / y_low) ** $10):11 \
		with labels left noenhanced title mark_name[i]
