# SPDX-License-Identifier: GPL-3.0-or-later
# Every round: one panel for each workload, to show drift, jumps and disturbed rounds.
#   gnuplot -c rounds.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'rounds'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Every round: time per operation in each layer'
key = 'points'
first = 0
load here.'panels.gp'
stats data using (c('round')) nooutput
rounds = int(STATS_max)
stats data using (c('boot')) nooutput
boots = int(STATS_max)
crowded = rounds * boots > 60
set xlabel boots > 1 ? 'round, boot after boot' : 'round' font ',11' offset 0,0.6
set logscale y 10
set ytics format '%.0s %cs'
if (boots > 1) {
	set xtics format ''  # rounds are counted in each boot
	set grid noxtics
} else { if (rounds <= 12) {
	set xtics 1
}}
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	stats data using (c('seconds') * of('panel', i)) nooutput
	set xrange [0.5:boots * (rounds + 1) - 0.5]
	set yrange [below(STATS_min):above(STATS_max)]
	# Boots stand one behind the other, with a gap of one round. A ring is worn by what was disturbed.
	x(k) = (c('round') + (c('boot') - 1) * (rounds + 1)) * of('panel', i) * of('layer', k)
	plot for [k = 0:layers - 1] data using (x(k)):(c('seconds')) with linespoints pointtype crowded ? -1 : point(k) \
			pointsize 0.8 linewidth 1.5 linecolor rgb colour(k), \
		for [k = 0:layers - 1] data using (x(k) * of('disturbed', 1)):(c('seconds')) with points pointtype 6 \
			pointsize 1.6 linewidth 2 linecolor rgb WARNING
}
unset multiplot
