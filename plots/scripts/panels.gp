# SPDX-License-Identifier: GPL-3.0-or-later
# A picture of panels, in rows of up to `widest` below the title: counts the panels, finds their names and
# begins the picture. PANEL[i + 1] is the name of panel i.
array PANEL[48]
stats data using (PANEL[int(c('panel')) + 1] = strcol('name'), c('panel')) nooutput
panels = int(STATS_max) + 1
if (!exists('widest')) { widest = 4 }
columns = panels <= 2 ? least(panels, widest) : panels == 3 || panels == 5 || panels == 6 || panels == 9 ? \
	least(3, widest) : widest
if (!exists('panel_h')) { panel_h = panels <= 2 ? 400 : widest < 4 ? 300 : 260 }
panel_w = columns <= 2 ? 1020 / columns : 340
W = columns * panel_w + 48
TOP = TOP + room(2)
H = (panels + columns - 1) / columns * panel_h + TOP + 20
load here.'frame.gp'
set multiplot
set border 3 linecolor rgb RULE
set grid ytics
set xtics font ',11'
set ytics font ',11'
# The whole powers of ten around a range.
below(x) = 10 ** floor(log10(0.9 * x))
above(x) = 10 ** ceil(log10(1.1 * x))
