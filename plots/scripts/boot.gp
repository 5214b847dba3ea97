# SPDX-License-Identifier: GPL-3.0-or-later
# How long each layer takes from its start until its agent answers.
#   gnuplot -c boot.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'boot'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Time to boot, from starting a layer until it answers'
key = 'bars'
first = 1
depth = layers - 1
stats data using (or('high', or('seconds', 0))) nooutput
W = 1000
TOP = TOP + room(2)
H = TOP + depth * 44 + 76
load here.'frame.gp'

set lmargin at screen X(70 + 9.5 * (least(widest_name, 24) - 2))
set rmargin at screen 0.975
set tmargin at screen Y(TOP)
set bmargin at screen 60.0 / H
set yrange [depth + 0.6:0.4]
unset ytics
set xrange [0:1.18 * STATS_max]
set xtics format STATS_max > 1 ? '%g s' : '%.0s %cs' font ',12'
plot for [k = 1:depth] data using (c('seconds') * of('layer', k)):(k):(0):(c('seconds')):(k - 0.32):(k + 0.32) \
		with boxxyerror fillcolor rgb colour(k) fill pattern pattern(k) border linecolor rgb colour(k), \
	data using (c('seconds') * only(has('low'))):(c('layer')):(c('low')):(c('high')) with xerrorbars pointtype 0 linewidth 2 \
		linecolor rgb INK, \
	data using (0):(c('layer')):(fit(short(c('layer')), 24)) with labels right offset -1.3,0 font ',14', \
	data using (or('high', c('seconds'))):(c('layer')):(strcol('text')) with labels left offset 0.8,0 font ',13' \
		textcolor rgb INK, \
	data using (0):(c('layer')):(when(!has('seconds'), strcol('text'))) with labels left offset 0.8,0 font ',13' \
		textcolor rgb PALE
