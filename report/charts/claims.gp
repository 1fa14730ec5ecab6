#: title    What is claimed, and what was measured
#: data     claims
#: caption  On a scale where 1 is the middle of what the source says; the band is what it accepts. The
#: caption  filled mark is what was measured of the metric that the source means, with its interval, hollow
#: caption  ones are the claim's other metrics. Green: reproduced; red: refuted here; orange: only the
#: caption  direction; grey: not decided, or at the edge.
#
# The verdicts on published claims, a row each.

set xlabel 'measured, as a multiple of what is claimed'
set grid noytics
set border 1
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lw 1 lc rgb quiet
within(x) = x < x_low ? x_low : x > x_high ? x_high : x

plot data index 0 using 2:1:(within($2)):(within($3)):($1 - 0.3):($1 + 0.3) \
		with boxxyerror fs solid 0.25 noborder lc rgb quiet notitle, \
	data index 1 using (within($3)):1:(within($4) - within($3)):(0):7 \
		with vectors heads size screen 0.006, 90 lw 1.6 dt solid lc rgb variable notitle, \
	data index 1 using ($5 == 0 ? $2 : NaN):1:7 with points pt 6 ps 0.7 lw 1.4 \
		lc rgb variable notitle, \
	data index 1 using ($5 == 1 ? $2 : NaN):1:7 with points pt 7 ps 1 lc rgb variable notitle, \
	data index 2 using (x_high):($1 - 0.2):2 with labels left offset character 1, 0 noenhanced notitle, \
	data index 2 using (x_high):($1 + 0.22):3 with labels left offset character 1, 0 \
		textcolor rgb quiet noenhanced notitle
