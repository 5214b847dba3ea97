# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time goes: for each layer a bar for each workload, of the parent layer's time, the exits and the rest.
#   gnuplot -c why.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'why'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Where the time goes: the parent layer, exits by reason, and the rest'
key = ''
# A bar whose exits explain more than there is ends here; its figures do not.
CUT = 130
REST = 8
array HUE = ['#B8B8B8', '#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8C6D00', '#888888']
array PART[9]
do for [k = 1:9] { PART[k] = '' }
stats data using (PART[int(c('hue')) + 1] = strcol('part'), c('hue')) nooutput
array WORK[30]

stats data using (c('place')) nooutput
rows = int(STATS_max) + 1
widest = 1
panel_h = 96 + 28 * rows
TOP = 148
load here.'panels.gp'
# The key.
kx = 36
do for [k = 1:9] {
	if (PART[k] ne '') {
		if (kx + 40 + 9 * strlen(PART[k]) > W) { kx = 36; ky = ky + 20 }
		set object rectangle from screen X(kx),Y(ky + 8) to screen X(kx + 16),Y(ky - 8) front \
			fillcolor rgb HUE[k] fillstyle pattern (k == REST + 1 ? 2 : 3) border linecolor rgb HUE[k]
		set label PART[k] at screen X(kx + 24),Y(ky) left font ',12' textcolor rgb INK front
		kx = kx + 40 + 9 * strlen(PART[k])
	}
}
cut(x) = least(x, CUT)
set xtics 0,25,125 format '%g %%'
unset ytics
set grid xtics noytics
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	set lmargin at screen X(px + 250)
	do for [k = 1:30] { WORK[k] = '' }
	stats data using (c('panel') == i ? (WORK[int(c('place')) + 1] = strcol('work'), c('place')) : NaN) nooutput
	shown = int(STATS_max) + 1
	do for [k = 1:shown] {
		set label fit(WORK[k], 30) at graph -0.01, first (k - 1) right font ',11' textcolor rgb INK
	}
	set xrange [0:CUT]
	set yrange [shown - 0.4:-0.6]
	x(k) = of('panel', i) * of('hue', k)
	plot for [k = 0:REST] data using (cut(c('from')) * x(k)):(c('place')):(cut(c('from'))):(cut(c('to'))):(c('place') - 0.36): \
			(c('place') + 0.36) with boxxyerror fillcolor rgb HUE[k + 1] \
			fill pattern (k == REST ? 2 : 3) border linecolor rgb HUE[k + 1], \
		data using ((cut(c('from')) + cut(c('to'))) / 2 * of('panel', i)):(c('place')): \
			(when(cut(c('to')) - cut(c('from')) > 5, strcol('text'))) with labels center font ',10' textcolor rgb INK
}
unset multiplot
