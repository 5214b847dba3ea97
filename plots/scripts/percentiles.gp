# SPDX-License-Identifier: GPL-3.0-or-later
# Percentiles of latency: the distribution over batches of kernels that measure a latency.
#   gnuplot -c percentiles.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'percentiles'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'How often it takes longer: distribution over batches'
key = 'points'
first = 0
load here.'panels.gp'
# The axis shows the tail: a share p is at -log10(1 - p).
stretch(share) = -log10(1 - share)
stats data using (stretch(c('share'))) nooutput
highest = least(STATS_max + 0.1, 3.1)
set grid xtics
set ytics ('0' 0, '50 %%' 0.30103, '90 %%' 1, '95 %%' 1.30103, '99 %%' 2, '99.9 %%' 3)
set logscale x 10
set xtics format '%.0s %cs'
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	stats data using (c('seconds') * of('panel', i)) nooutput
	set yrange [0:highest]
	set xrange [below(STATS_min):above(STATS_max)]
	# Names of more decades than that would touch.
	if (above(STATS_max) / below(STATS_min) > 1e5) { set xtics 100 } else { set xtics 10 }
	y(kind, k) = stretch(c('share')) * of('panel', i) * of('layer', k) * only(strcol('kind') eq kind)
	plot for [k = 0:layers - 1] data using (c('seconds')):(y('curve', k)) with lines linewidth 2 linecolor rgb colour(k), \
		for [k = 0:layers - 1] data using (c('seconds')):(y('mark', k)) with points pointtype point(k) pointsize 1.1 \
			linewidth 1.5 linecolor rgb colour(k)
}
unset multiplot
