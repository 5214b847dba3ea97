# SPDX-License-Identifier: GPL-3.0-or-later
# A fleet: a heat map of nodes by kinds of work and layers, and a strip for each of these.
#   gnuplot -c fleet.gp DIR/fleet.tsv [OUT.png|OUT.svg|OUT.pdf]
name = 'fleet'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'A fleet: usable share of each node, against the median node (L0: speed)'
key = ''
machines = layers  # classes of machines; their texts are in L
layers = 0
KEY = 104
array NODE[64]
widest_node = 4
keep(row, text) = (NODE[int(row)] = text, widest_node = most(widest_node, strlen(text)), row)
stats data using (keep(c('row'), strcol('name'))) nooutput
rows = int(STATS_max)
stats data using (c('layer')) nooutput
columns = int(STATS_max) + 1
stats data using (c('value')) nooutput
# Both directions to the same length, so that what is white is the median; what is beyond 50 % is as dark as that.
limit = least(most(most(-STATS_min, STATS_max), 5), 50)
# Whiskers are those of odd nodes.
end(name) = c('odd') == 1 ? or(name, c('value')) : c('value')
stats data using (end('low')) nooutput
low = most(STATS_min, -100)
stats data using (end('high')) nooutput
high = STATS_max
CELL_H = rows <= 12 ? 24 : rows <= 32 ? 18 : 13
LANE = rows <= 12 ? 26 : 30
W = 1150
left = 60 + 7.5 * least(most(widest_node, 12), 28)
top = KEY + 20 * machines + 8
heads = 22 + 5.5 * least(widest_name, 24)
map_top = top + heads
map_bottom = map_top + rows * CELL_H
strip_top = map_bottom + 84
strip_bottom = strip_top + columns * LANE
H = strip_bottom + 76
load here.'frame.gp'

do for [m = 1:machines] {
	y = KEY + 20 * (m - 0.5)
	set label '' at screen X(36),Y(y) point pointtype point(m) pointsize 1.3 linecolor rgb series(m - 1)
	set label fit(L[m], 130) at screen X(52),Y(y) left font ',12' textcolor rgb INK front
}
set palette defined (-1 '#D55E00', -0.5 '#F2B28C', 0 '#F7F7F7', 0.5 '#8CBBD9', 1 '#0072B2')
set cbrange [-limit:limit]
set multiplot

# ---- the heat map ----
set lmargin at screen X(left)
set rmargin at screen X(W - 110)
set tmargin at screen Y(map_top)
set bmargin at screen Y(map_bottom)
set border 0
set xrange [-0.5:columns - 0.5]
set yrange [rows + 0.5:0.5]
unset xtics
unset ytics
unset grid
set colorbox user origin screen X(W - 88),Y(map_top + most(rows * CELL_H, 110)) size screen 14.0 / W,1.0 * most(rows * CELL_H, 110) / H
set cbtics font ',11' format '%+g %%'
do for [k = 0:columns - 1] {
	set label short(k) at first k, screen Y(map_top - 8) rotate by 50 left font ',11' textcolor rgb INK
}
do for [i = 1:rows] {
	set label fit(NODE[i], 28) at screen X(left - 8), first i right font (rows > 32 ? ',10' : ',12') textcolor rgb INK
}
set label 'dot: odd in some figure of it' at screen X(left), screen Y(map_bottom + 16) left font ',11' textcolor rgb FAINT
plot data using (c('layer')):(c('row')):(0.47):(0.44):(most(-limit, least(limit, c('value')))) with boxxyerror \
		fillcolor palette fillstyle solid noborder, \
	data using (c('layer') * only(c('marked') == 1)):(c('row')) with points pointtype 7 pointsize (rows > 32 ? 0.5 : 0.8) \
		linecolor rgb '#000000'

# ---- the strips ----
unset label
unset colorbox
set tmargin at screen Y(strip_top)
set bmargin at screen Y(strip_bottom)
set label 'Each node in each kind of work and layer' at screen X(left), screen Y(strip_top - 24) left font ',14' textcolor rgb INK
set label 'median' at screen X(W - 100), screen Y(strip_top - 8) left font ',11' textcolor rgb FAINT
span = most(high - low, 4)
set xrange [low - 0.05 * span:high + 0.08 * span]
set yrange [columns:0]
set border 1 linecolor rgb RULE
set grid xtics linetype 1 linewidth 1 linecolor rgb GRID
set xtics nomirror scale 0 format '%+g %%' font ',12' textcolor rgb INK
set xlabel 'usable share against the median node (L0: speed); whiskers: 95 % intervals of odd nodes; right is better' font ',12'
set arrow from 0, graph 0 to 0, graph 1 nohead linewidth 1.5 linecolor rgb DARK back
do for [k = 0:columns - 1] {
	set label short(k) at screen X(left - 8), first k + 0.5 right font ',12' textcolor rgb INK
	if (k > 0) { set arrow from graph 0, first k to graph 1, first k nohead linewidth 0.5 linecolor rgb THIN back }
}
lane(m) = c('layer') + (m + 1.0) / (least(machines, 8) + 1)
plot for [m = 0:least(machines, 8) - 1] data using (c('value') * of('machine', m) * of('odd', 0)):(lane(m)) with points \
		pointtype point(m + 1) pointsize (rows > 32 ? 0.7 : 1) linecolor rgb series(m), \
	for [m = 0:least(machines, 8) - 1] data using (c('value') * of('machine', m) * of('odd', 1)):(lane(m)):(or('low', c('value'))):(or('high', c('value'))) \
		with xerrorbars pointtype point(m + 1) pointsize 1.5 linewidth 2 linecolor rgb '#000000', \
	data using (c('value')):(lane(c('machine'))):(when(c('odd') == 1 && c('marked') == 1, fit(strcol('name'), 16))) with labels center offset 0,0.75 font ',9' textcolor rgb INK, \
	data using (high + 0.08 * span):(c('layer') + 0.5):(c('row') == 1 ? sprintf('  %.3g %%', c('median')) : '') with labels left font ',11' textcolor rgb INK
unset multiplot
