# SPDX-License-Identifier: GPL-3.0-or-later
# Several runs in one picture: a row for each kind of work and layer, a mark for each run.
#   gnuplot -c runs.gp DIR/runs.tsv [OUT.png|OUT.svg|OUT.pdf]
name = 'runs'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Run beside run: time per operation, against its own L0'
key = ''
KEY = 52
LANE = 15
runs = layers  # their names are in L
layers = 0
top = KEY + 22 * runs + 14
array WARNED[8]
stats data using (WARNED[int(c('run')) + 1] = c('warned'), c('row')) nooutput
rows = int(STATS_max) + 1
stats data using (least(or('low', 1), or('ratio', 1))) nooutput
low = 0.9 * least(1, STATS_min)
stats data using (most(or('high', 1), or('ratio', 1))) nooutput
high = 1.12 * most(1, STATS_max)
W = 1100
H = top + rows * (runs + 1) * LANE + 88
footnote = remark
remark = ''
load here.'frame.gp'

do for [r = 1:runs] {
	y = KEY + 22 * (r - 0.5)
	set label '' at screen X(36),Y(y) point pointtype point(r) pointsize 1.5 linecolor rgb series(r - 1)
	set label L[r] at screen X(52),Y(y) left font ',12' textcolor rgb WARNED[r] == 1 ? WARNING : INK front
}
set label footnote at screen X(24),Y(H - 12) left font ',11' textcolor rgb WARNING front
set border 1 linecolor rgb RULE
PLACES = least(widest_name, 24)
set lmargin at screen X(150 + 9 * (PLACES - 2))
set rmargin at screen X(W - 40)
set tmargin at screen Y(top)
set bmargin at screen Y(H - 88)
set yrange [rows:0]
unset ytics
set logscale x 10
set xrange [low:high]
set xtics nomirror scale 0 format '%g×' font ',12' textcolor rgb INK
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb DARK back
set xlabel 'multiple of L0 (logarithmic); medians with 95 % intervals; capacity: how many times smaller' font ',13'
# Each row is a band; within it each run has a lane of its own. A line separates layers, a stronger one kinds of work.
lane(r) = c('row') + (r + 1.0) / (runs + 1)
part(same) = c('row') * of('run', 0) * only(c('row') > 0 && (strcol('class') eq '-') == same)
plot for [i = 0:1] data using (low):(part(i)):(high - low):(0) with vectors nohead linewidth i ? 0.5 : 1.5 \
		linecolor rgb i ? GRID : RULE, \
	for [r = 0:runs - 1] data using (c('ratio')):(lane(r) * of('run', r)):(or('low', c('ratio'))):(or('high', c('ratio'))) \
		with xerrorbars pointtype point(r + 1) pointsize 1.3 linewidth 2 linecolor rgb series(r), \
	data using (low):((c('row') + 0.5) * of('run', 0)):(when(strcol('class') ne '-', strcol('class'))) with labels \
		right offset -4.15 - 0.65 * (PLACES - 2),0 font ',14', \
	data using (low):((c('row') + 0.5) * of('run', 0)):(fit(short(c('layer')), 24)) with labels right offset -0.95,0 \
		font ',12'
