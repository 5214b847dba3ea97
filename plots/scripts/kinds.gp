# SPDX-License-Identifier: GPL-3.0-or-later
# Kinds of layers side by side: a panel for each kind of work, a mark for each layer, hollow where its CPU is emulated.
#   gnuplot -c kinds.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'kinds'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Kinds of layers side by side: time per operation, against L0'
key = ''
TOP = 104
panel_h = 330
# The layers that are drawn: PLACE_OF[k + 1] is where layer k stands; 0: it is not.
array PLACE_OF[64]
do for [k = 1:64] { PLACE_OF[k] = 0 }
stats data using (PLACE_OF[int(c('layer')) + 1] = c('place'), c('place')) nooutput
places = int(STATS_max)
widest = places > 9 ? 1 : places > 4 ? 2 : 4
load here.'panels.gp'
# The names stand below the axis, in lines.
set logscale y 10
set ytics format '%g×'
unset xtics
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	set bmargin at screen Y(py + panel_h - 84)
	set xrange [0.3:places + 0.7]
	stats data using (or('high', c('ratio')) * of('panel', i)) nooutput
	highest = STATS_max
	stats data using (or('low', c('ratio')) * of('panel', i)) nooutput
	bottom = 0.8 * least(1, STATS_min)
	top = most(1.6, 1.9 * highest)
	set yrange [bottom:top]
	if (top / bottom < 80) { set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) } else { set ytics autofreq }
	set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linewidth 2 linecolor rgb DARK back
	do for [k = 1:layers - 1] {
		if (PLACE_OF[k + 1] > 0) {
			set label lines_of(short(k)) at first PLACE_OF[k + 1], graph -0.06 center font ',9' textcolor rgb INK
		}
	}
	x(k, emulated) = c('place') * of('panel', i) * of('layer', k) * of('emulated', emulated)
	plot for [k = 1:layers - 1] for [e = 0:1] data using (x(k, e)):(c('ratio')):(or('low', c('ratio'))):(or('high', c('ratio'))) \
			with yerrorbars pointtype e ? 6 : 7 pointsize 1.6 linewidth 2 linecolor rgb colour(k), \
		data using (c('place') * of('panel', i)):(or('high', c('ratio'))):(strcol('text')) with labels center \
			offset 0,0.9 font ',10' textcolor rgb INK
}
unset multiplot
