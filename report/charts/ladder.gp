#: title    How many connections were held, and what gave way
#: data     ladder
#: caption  From the last step that was held (filled) to the first that was not (hollow); in between nothing
#: caption  is known. One row for all servers that share their fate. The band is the step at which most
#: caption  of them stopped.
#
# A ladder of connections, from each server's last step to its end.

set xlabel 'connections'
set grid noytics
set border 1
if (wall) {
	set object 1 rectangle from wall_low, graph 0 to wall_high, graph 1 \
		fc rgb quiet fs solid 0.2 noborder behind
	set label 1 wall_title at sqrt(wall_low * wall_high), graph 1 offset character 0, 0.7 \
		center noenhanced
}

plot data index 0 using 2:1:($3 - $2):(0) with vectors nohead lw 2 dt (4,4) lc rgb quiet notitle, \
	data index 0 using (x_low):1:($2 - x_low):(0) with vectors nohead lw 2.4 lc rgb "#2c709a" notitle, \
	data index 0 using 2:1:5 with labels hypertext noenhanced point pt 7 ps 1.1 lc rgb "#2c709a" notitle, \
	data index 0 using 3:1 with points pt 6 ps 1.1 lw 2 lc rgb "#c81a0f" notitle, \
	data index 0 using (x_high):1:5 with labels left offset character 1, 0 noenhanced notitle
