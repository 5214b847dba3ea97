# SPDX-License-Identifier: GPL-3.0-or-later
# Usable share for each kind of work and layer: bars from 0, because a share is a part of a whole.
#   gnuplot -c share.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'share'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Usable share of the machine'
key = 'bars'
first = 1
BAR = 30
GAP = 20
# A layer can be a hundred times faster than L0 (an emulated CPU does not exit where a VM on hardware does): such a
# bar is cut just after 100 %, and its label has the figure.
CUT = 102

stats data using (c('row')) nooutput
depth = layers - 1
rows = STATS_max + 1
pitch = depth * BAR + GAP
at(row, layer) = row * pitch + (layer - 0.5) * BAR
all = rows * pitch - GAP
W = 1200
TOP = TOP + room(2)
H = int(all + 24) + TOP + 70
load here.'frame.gp'

# The names of the layers of a tree are longer than "L2".
set lmargin at screen 0.15 + X(7.5 * (least(widest_name, 24) - 2))
set rmargin at screen 0.975
set tmargin at screen Y(TOP)
set bmargin at screen 70.0 / H
set yrange [all + 12:-12]
unset ytics
set xrange [0:127]
set xtics 0,20,100 format '%g %%' font ',12'
set arrow from 100, graph 0 to 100, graph 1 nohead linewidth 2 linecolor rgb DARK back
set xlabel 'share of what L0 gives (100 % is L0 itself)' font ',13'
# Labels are placed after a bar, but not across the line at 100 %.
behind(x) = x > CUT ? CUT : x > 78 && x < 100 ? 100 : x
y(layer) = at(c('row'), layer)
plot for [k = 1:depth] data using (of('layer', k) * least(c('percent'), CUT)):(y(c('layer'))):(0):(least(c('percent'), CUT)): \
		(y(c('layer')) - 0.42 * BAR):(y(c('layer')) + 0.42 * BAR) with boxxyerror fillcolor rgb colour(k) fill pattern pattern(k) \
		border linecolor rgb colour(k), \
	data using (c('percent') * only(c('high') <= CUT)):(y(c('layer'))):(c('low')):(c('high')) with xerrorbars pointtype 0 \
		linewidth 2 linecolor rgb INK, \
	data using (0):(y(c('layer'))):(fit(short(c('layer')), 24)) with labels right offset -1.15,0 font ',12', \
	data using (0):(of('layer', 1) * (y(1) + y(depth)) / 2):(fit(strcol('name'), 13)) \
		with labels right offset -4.9 - 0.95 * (least(widest_name, 24) - 2),0 font ',16', \
	data using (behind(or('high', c('percent')))):(y(c('layer'))):(strcol('text')) with labels left \
		offset 0.8,0 font ',12' textcolor rgb INK, \
	data using (0):(y(c('layer'))):(when(!has('percent'), strcol('text'))) with labels left offset 0.8,0 font ',12' \
		textcolor rgb PALE
