# SPDX-License-Identifier: GPL-3.0-or-later
# Cost against L0: one row for each workload, one mark for each layer, logarithmic, because ratios multiply.
#   gnuplot -c ratio.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'ratio'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'What one operation costs, against L0'
key = 'points'
first = 1
ROW = 34
LEFT = 240
FIGURE = 76
depth = layers - 1

stats data using (c('row')) nooutput
rows = STATS_max + 1
stats data using (or('published', 0)) nooutput
published = STATS_max > 0
stats data using (least(or('ratio', 1), least(or('low', 1), or('published', 1)))) nooutput
low = 0.92 * least(1, STATS_min)
stats data using (most(or('ratio', 1), most(or('high', 1), or('published', 1)))) nooutput
high = 1.12 * most(1, STATS_max)
W = 1200
TOP = TOP + room(published ? 1 : 2)
H = int(rows + 1) * ROW + TOP + 70 + (named ? ROW : 0)
load here.'frame.gp'

right = W - 24 - depth * FIGURE
set lmargin at screen X(LEFT)
set rmargin at screen X(right)
set tmargin at screen Y(TOP)
set bmargin at screen Y(H - 70)
set yrange [rows - 0.4:named ? -2.3 : -1.3]
unset ytics
set logscale x 10
set xrange [low:high]
set xtics format '%g×' font ',12'
# Powers of ten where the ratios span them, finer steps where they do not.
if (high / low < 3) {
	set xtics (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2, 2.5, 3)
} else { if (high / low < 80) {
	set xtics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
}}
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb DARK back
set xlabel 'time per operation, as a multiple of L0 (logarithmic; 1× is L0)' font ',13'
do for [k = 1:depth] {
	set label lines_of(short(k)) at screen X(right + k * FIGURE), first (named ? -1.9 : -0.95) right \
		font named ? ',10' : ',12' textcolor rgb FAINT
}
if (published) {
	set label '' at screen X(36),Y(ky + 22) point pointtype 12 pointsize 1.5 linewidth 2 linecolor rgb INK
	set label 'published, in the colour of the layer: over the parent layer as on hardware (PVM, SOSP 2023; DVH, ' \
		.'ASPLOS 2020)' at screen X(52),Y(ky + 22) left font ',12' textcolor rgb INK front
}

size(text) = strlen(text) > 24 ? 10 : strlen(text) > 20 ? 12 : 14
row(k) = c('row') * of('layer', k)
plot data using (c('ratio')):(c('row')) with lines linewidth 2 linecolor rgb THIN, \
	for [k = 1:depth] data using (c('ratio')):(row(k)):(or('low', c('ratio'))):(or('high', c('ratio'))) \
		with xerrorbars pointtype point(k) pointsize 1.6 linewidth 2 linecolor rgb colour(k), \
	for [k = 1:depth] data using (c('published')):(row(k)) with points pointtype 12 pointsize 1.7 linewidth 2 \
		linecolor rgb colour(k), \
	for [s = 10:14:2] data using (low):(row(1)):(when(size(fit(strcol('name'), 28)) == s, fit(strcol('name'), 28))) \
		with labels right offset -1,0 font sprintf(',%d', s), \
	for [k = 1:depth] data using (high):(row(k)):(when(has('ratio'), strcol('text'))) with labels right \
		offset screen X(k * FIGURE),0 font ',12' textcolor rgb INK, \
	for [k = 1:depth] data using (high):(row(k)):(when(!has('ratio'), strcol('text'))) with labels right \
		offset screen X(k * FIGURE),0 font ',12' textcolor rgb PALE
