# The words of a picture to pass on, above the chart and below it: share_title, share_below. The chart lies
# between them, by sx() and sy().

set object 99 rectangle from screen 0, screen 0 to screen 1, screen 1 fc rgb "white" fs solid noborder behind
set label 98 share_title at screen 0.02, screen 0.945 left noenhanced font ",25"
set label 99 share_below at screen 0.02, screen 0.03 left noenhanced font ",14" textcolor rgb "#5a636d"
