# The words of a picture to pass on: share_above[] and share_below[], three lines each. The chart lies between
# them, by sx() and sy().

set for [i = 1:3] label 92 + i share_above[i] at screen 0.02, screen 0.985 - 0.048 * i \
	left noenhanced font "DejaVu Sans Bold,17"
set for [i = 1:3] label 95 + i share_below[i] at screen 0.02, screen 0.095 - 0.032 * i \
	left noenhanced font "DejaVu Sans,12" textcolor rgb "#5a636d"
