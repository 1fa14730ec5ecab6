#: title    Where the bytes of a connection are
#: data     slopes
#: layout   stacked
#: metrics  total_per_connection_bytes resident_per_connection_bytes kernel_object_per_connection_bytes kernel_stack_per_connection_bytes page_table_per_connection_bytes socket_buffer_per_connection_bytes
#: x        linear
#: caption  Each bar is what one connection costs in memory, the server's own and the kernel's for
#: caption  it, as medians of slopes over the counts of connections. Dots are the totals of single
#: caption  trials, as the kernel charged them to the server's cgroup.
#
# The kinds of memory of one connection, end to end.

array kind_title[6] = ["", "its own", "sockets, files, tasks", "kernel's stacks", "page tables", \
	"socket buffers"]
array kind_colour[6] = [0x303030, 0x0072b2, 0xe69f00, 0xd55e00, 0x8f63c9, 0x009e73]
set yrange [lines + 0.6:0.3]
unset ytics
set grid noytics
set border 1
set lmargin 2
unset label 1
set tmargin 0.4
set for [s = 1:series] label 10 + s series_title[s] \
	at graph 0, first server_line[s] offset character 0.2, 0 left noenhanced

part(s, m) = slope[(s - 1) * metrics + m] > 0 ? slope[(s - 1) * metrics + m] : 0
do for [s = 1:series] {
	end = 0.0
	do for [m = 2:metrics] {
		begin = end
		end = begin + part(s, m)
		if (end > begin) {
			set object 100 + s * metrics + m rectangle \
				from begin, server_line[s] + 0.68 to end, server_line[s] + 1.32 \
				fc rgb kind_colour[m] fs solid 0.85 noborder
		}
	}
}

plot data index row_trials(1) using 2:1 with points pt 7 ps 0.35 lc rgb kind_colour[1] \
		title 'total, each trial', \
	data index rows(1) using 4:1:6 with labels left offset character 1.2, 0 noenhanced notitle, \
	for [m = 2:metrics] NaN with points pt 5 ps 1.2 lc rgb kind_colour[m] \
		title (metric_present[m] ? kind_title[m] : '')
