# One panel: number p of panels. Its series are member[panel_first[p]] to member[panel_last[p]], each with
# member_title[], member_mark[], member_colour[], member_y[] (where its name stands at the right edge) and a
# linetype of its number. The mark beside a name is its key, and stands clear of the plot.

unset label 1
unset for [i = 1:99] label 100 + i
set lmargin at screen sx(panel_left[p])
set rmargin at screen sx(panel_right[p])
set tmargin at screen sy(panel_top[p])
set bmargin at screen sy(panel_bottom[p])
if (p == 1) {
	set label 1 y_title at screen sx(0), screen sy(1) offset character 0.6, -1 left noenhanced
}
set label 2 panel_title[p] at graph 0, graph 1 offset character 0, 0.7 left noenhanced
set for [i = panel_first[p]:panel_last[p]] label 100 + i member_title[i] \
	at screen sx(panel_right[p] + 0.018), graph member_y[i] offset character 1, 0 left noenhanced \
	point pt member_mark[i] ps 0.6 lc rgb member_colour[i]
