# SPDX-License-Identifier: GPL-3.0-or-later
# One series of the history: the figure of each run, its interval, the change points and the levels between.
#   gnuplot -c trend.gp DIR/NAME.tsv [OUT.png|OUT.svg|OUT.pdf]
name = 'trend'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

key = ''
W = 1000
H = 480
stats data using (c('n')) nooutput
points = int(STATS_max)
stats data using (c('layer')) nooutput
layer = int(STATS_max)
title = fit(title, 68)
array CHANGES[points]
changes = 0
stats data using (c('change') == 1 ? (changes = changes + 1, CHANGES[changes] = c('n'), 0) : 0) nooutput
load here.'frame.gp'

set border 3 linecolor rgb RULE
set grid noxtics
set grid ytics linetype 1 linecolor rgb GRID
set tmargin 6
set bmargin 5
set yrange [0:*]
set xrange [0.5:points + 0.5]
set ytics nomirror font ',11' format unit eq 's' ? '%.1s %cs' : '%.3s%c'
unset xtics
do for [i = 1:changes] {
	set arrow from CHANGES[i] - 0.5, graph 0 to CHANGES[i] - 0.5, graph 1 nohead dashtype 2 linecolor rgb series(0) back
}
# Days of some runs below the axis, so that they do not overlap.
step = (points + 11) / 12
plot data using (c('n') - 0.5):(c('level')):(1):(0) with vectors nohead linewidth 2 linecolor rgb series(0), \
	data using (c('n')):(0):(when((int(c('n')) - 1) % step == 0, strcol('day'))) with labels left rotate by -30 \
		offset 0,-1 font ',11' textcolor rgb INK, \
	data using (c('n')):(c('value')):(or('low', c('value'))):(or('high', c('value'))) with yerrorbars \
		pointtype point(layer) pointsize 0.9 linecolor rgb colour(layer)
