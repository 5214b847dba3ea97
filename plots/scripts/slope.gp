# SPDX-License-Identifier: GPL-3.0-or-later
# From layer to layer: one line for each kind of work; thin lines are its workloads.
#   gnuplot -c slope.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'slope'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'From layer to layer: time per operation, against L0'
key = ''
W = 1040
H = 700
LEFT = 90
RIGHT = 310
BOTTOM = 60
LABEL_GAP = 21

# The kinds of work, the most expensive first: the label of each line, and where the line ends.
array TEXT[16]
array END[16]
lines = 0
keep(line) = (lines = line, TEXT[lines] = strcol('name').'  '.strcol('text'), END[lines] = c('ratio'), line)
stats data using (strcol('text') eq '-' ? 0 : keep(int(c('line')) + 1)) nooutput
stats data using (only(has('line')) * c('layer')) nooutput
depth = int(STATS_max)
stats data using (c('ratio')) nooutput
low = 0.8 * least(1, STATS_min)
high = most(1.25 * STATS_max, 1.5)

load here.'frame.gp'
set lmargin at screen X(LEFT)
set rmargin at screen X(W - RIGHT)
set tmargin at screen Y(TOP)
set bmargin at screen Y(H - BOTTOM)
set logscale y 10
set yrange [low:high]
set ytics format '%g×' font ',12'
set xrange [0:depth]
set xtics 1 format ''
set grid xtics ytics
set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 2 linecolor rgb DARK back
do for [k = 0:depth] { set label L[k + 1] at first k, screen Y(H - BOTTOM + 20) center font ',13' textcolor rgb INK }

# Pixels above the bottom of the plot. Labels move apart from the top down; then those below the bottom move up.
array PLACE[16]
ends(i) = (H - TOP - BOTTOM) * log(END[i] / low) / log(high / low)
do for [i = 1:lines] { PLACE[i] = i == 1 ? ends(i) : least(ends(i), PLACE[i - 1] - LABEL_GAP) }
do for [i = 1:lines] { PLACE[i] = most(PLACE[i], 8 + (lines - i) * LABEL_GAP) }
right = W - RIGHT
do for [i = 1:lines] {
	y = H - BOTTOM - PLACE[i]
	set arrow from screen X(right + 8),Y(H - BOTTOM - ends(i)) to screen X(right + 34),Y(y) nohead linewidth 1 \
		linecolor rgb THIN
	set label fit(TEXT[i], 28) at screen X(right + 40),Y(y) left font ',14' textcolor rgb series(i - 1)
}

plot data using (c('layer') * only(!has('line'))):(c('ratio')) with lines linewidth 1 linecolor rgb THIN, \
	for [i = 0:lines - 1] data using (c('layer') * of('line', i)):(c('ratio')) with linespoints pointtype 7 \
		pointsize 1.2 linewidth 3 linecolor rgb series(i)
