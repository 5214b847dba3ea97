# SPDX-License-Identifier: GPL-3.0-or-later
# Along each chain of a tree: a panel for each kind of work, a line for each way from L0.
#   gnuplot -c chains.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'chains'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'From layer to layer: time per operation, against L0'
key = 'points'
first = 1
load here.'panels.gp'
stats data using (c('depth')) nooutput
depth = int(STATS_max)
set logscale y 10
set ytics format '%g×'
set xtics 1 format 'L%.0f'
set grid xtics
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	stats data using (or('high', c('ratio')) * of('panel', i)) nooutput
	highest = STATS_max
	stats data using (or('low', c('ratio')) * of('panel', i)) nooutput
	bottom = 0.85 * least(1, STATS_min)
	top = most(1.5, 1.4 * highest)
	set yrange [bottom:top]
	if (top / bottom < 80) { set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) } else { set ytics autofreq }
	set xrange [-0.15:depth + 0.45]
	x(k) = c('depth') * of('panel', i) * of('layer', k)
	plot for [k = 1:layers - 1] data using (x(k)):(c('ratio')):(or('low', c('ratio'))):(or('high', c('ratio'))) \
			with yerrorlines pointtype point(k) pointsize 1.1 linewidth 2 linecolor rgb colour(k), \
		for [k = 1:layers - 1] data using (x(k)):(c('ratio')):(when(strcol('text') ne '-', strcol('text'))) with labels left \
			offset 0.8,0 font ',9' textcolor rgb colour(k)
}
unset multiplot
