# SPDX-License-Identifier: GPL-3.0-or-later
# The tax of each layer: for each resource from all of L0 down to what the deepest layer has.
#   gnuplot -c tax.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'tax'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'The tax of each layer'
key = named ? '' : 'points'  # in a tree each panel is one way from L0
if (named) { TOP = 104 }
first = 0
# A bar that exceeds this is cut; its figure is not.
CUT = 112
array PARTS = ['reserved', 'hypervisor', 'slower']
array HUES = ['#888888', '#D55E00', '#CC79A7']
array HATCH = [1, 2, 4]

widest = 1
panel_h = 250
load here.'panels.gp'
set ytics 0,25,100 format '%g %%'
cut(x) = least(x, CUT)
part(text) = text eq PARTS[1] ? 1 : text eq PARTS[2] ? 2 : text eq PARTS[3] ? 3 : 4
# The bar of layer k is at 4 k, those of its taxes before it.
at(shift) = 4 * c('layer') - 4 + part(strcol('part')) + shift
do for [i = 0:panels - 1] {
	load here.'panel.gp'
	stats data using (of('panel', i) * c('layer')) nooutput
	depth = int(STATS_max)
	set yrange [0:128]
	set xrange [-0.7:4 * depth + 0.7]
	set xtics ('L0' 0)
	do for [k = 1:depth] {
		set xtics add (sprintf('L%d', k) 4 * k)
		do for [p = 1:3] { set xtics add (PARTS[p] 4 * k - 4 + p) }
	}
	start(p) = cut(c('from')) * of('panel', i) * only(part(strcol('part')) == p)
	plot for [p = 1:3] data using (at(0)):(start(p)):(at(-0.38)):(at(0.38)):(cut(least(c('from'), c('to')))): \
			(cut(most(c('from'), c('to')))) with boxxyerror fillcolor rgb HUES[p] fill pattern HATCH[p] \
			border linecolor rgb HUES[p], \
		for [k = 0:depth] data using (at(0) * of('layer', k)):(start(4)):(at(-0.38)):(at(0.38)):(0):(cut(c('to'))) \
			with boxxyerror fillcolor rgb colour(k) fill solid border linecolor rgb colour(k), \
		data using (at(0) * of('panel', i)):(cut(c('low'))):(0):(cut(c('high')) - cut(c('low'))) with vectors nohead \
			linewidth 2 linecolor rgb INK, \
		data using (at(0) * of('panel', i)):(cut(most(c('from'), c('to')))):(strcol('text')) with labels center \
			offset 0,0.6 font ',10' textcolor rgb INK, \
		data using (at(0) * of('panel', i)):(cut(c('from'))):(when(!has('to'), strcol('text'))) with labels center \
			offset 0,0.6 font ',10' textcolor rgb FAINT
}
unset multiplot
