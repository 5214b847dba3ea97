# SPDX-License-Identifier: GPL-3.0-or-later
# Place and title of panel i; its ranges and its plot command follow.
if (i) { unset label; unset object }  # title and key are drawn with the first panel only
px = 24 + i % columns * panel_w
py = TOP + i / columns * panel_h
set lmargin at screen X(px + 66)
set rmargin at screen X(px + panel_w - 16)
set tmargin at screen Y(py + 28)
set bmargin at screen Y(py + panel_h - 54)
# About 10 pixels a character, or 8 in the smaller size.
small = strlen(PANEL[i + 1]) * 10 > panel_w - 24
set title fit(PANEL[i + 1], (panel_w - 24) / (small ? 8 : 10)) font small ? ',10' : ',13' offset 0,-0.5
set autoscale  # stats leaves out values beyond the ranges
