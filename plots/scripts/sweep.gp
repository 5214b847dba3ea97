# SPDX-License-Identifier: GPL-3.0-or-later
# A quantity against a swept parameter: the panels of latency.gp and concurrency.gp, which set the formats of x and y.
key = 'points'
first = 0
load here.'panels.gp'
set grid xtics
set logscale x 2
set logscale y 10
set ytics format y_format
set offsets graph 0.05, graph 0.05
array AXIS[48]
stats data using (AXIS[int(c('panel')) + 1] = strcol('axis'), 0) nooutput
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	# Tics at powers of two, with a step that gives about six of them.
	stats data using (c('x') * of('panel', i)) nooutput
	step = most(1, ceil(log(STATS_max / STATS_min) / log(2) / 6))
	set xtics ()
	do for [n = floor(log(STATS_min) / log(2) / step):ceil(log(STATS_max) / log(2) / step)] {
		tic = 2.0 ** (n * step)
		set xtics add (x_text(tic) tic)
	}
	set xlabel AXIS[i + 1] font ',11' offset 0,0.6
	x(k) = c('x') * of('panel', i) * of('layer', k)
	plot for [k = 0:layers - 1] data using (x(k)):(c('y')) with lines linewidth 2 linecolor rgb colour(k), \
		for [k = 0:layers - 1] data using (x(k)):(c('y')):(or('low', c('y'))):(or('high', c('y'))) with yerrorbars \
			pointtype point(k) pointsize 1 linewidth 1.5 linecolor rgb colour(k)
}
unset multiplot
