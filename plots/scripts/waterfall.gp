# SPDX-License-Identifier: GPL-3.0-or-later
# The machine's shares: from 100 % through the tax of each layer to what is left, a panel for each resource.
#   gnuplot -c waterfall.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'waterfall'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Where the machine goes: usable share of each resource'
key = named ? '' : 'points'  # in a tree each panel is one way from L0
if (named) { TOP = 104 }
first = 0
# A layer may have more than L0 (work that is cheaper there): bars are cut here, figures are not.
CUT = 108

stats data using (c('layer')) nooutput
size = STATS_max > 4 ? ',8' : ',10'
widest = STATS_max > 2 ? 2 : 4
load here.'panels.gp'
set ytics 0,25,100 format '%g %%'
cut(x) = least(x, CUT)
# Layers are at even places, taxes between. Next to a bar that is cut there is no room for a tax's figure.
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	stats data using (of('panel', i) * c('layer')) nooutput
	depth = int(STATS_max)
	set yrange [0:122]
	set xrange [-0.7:2 * depth + 0.7]
	set xtics ('L0' 0)
	do for [k = 1:depth] { set xtics add (sprintf('L%d', k) 2 * k) }
	at(k, shift) = 2 * k * of('panel', i) + shift
	tall(x) = most(c('before'), c('percent'))
	plot data using (at(c('layer'), -1)):(cut(c('before'))):(at(c('layer'), -1.38)):(at(c('layer'), -0.62)): \
			(cut(least(c('before'), c('percent')))):(cut(tall(0))) with boxxyerror fillcolor rgb THIN \
			fill pattern 2 border linecolor rgb PALE, \
		for [k = 0:depth] data using (at(k, 0) * of('layer', k)):(cut(c('percent'))):(at(k, -0.38)): \
			(at(k, 0.38)):(0):(cut(c('percent'))) with boxxyerror fillcolor rgb colour(k) fill solid \
			border linecolor rgb colour(k), \
		data using (at(c('layer'), 0)):(cut(c('percent'))):(strcol('text')) with labels center offset 0,0.6 \
			font size textcolor rgb INK, \
		data using (at(c('layer'), -1)):(cut(tall(0))):(when(tall(0) < 1000, strcol('tax'))) with labels center \
			offset 0,0.6 font size textcolor rgb INK
}
unset multiplot
