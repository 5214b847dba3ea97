# SPDX-License-Identifier: GPL-3.0-or-later
# Begins a picture of W by H pixels: its file, the title, the lines below it and the key of the layers from `first` on.
# key: the symbol of a layer in the key, 'points' or 'bars'; '' for no key.
if (form eq 'svg') {
	set terminal svg noenhanced font 'DejaVu Sans,Helvetica,Arial,sans-serif,13' background rgb 'white' \
		dynamic size W,H
} else { if (form eq 'pdf') {
	set terminal pdfcairo noenhanced font 'DejaVu Sans,13' background rgb 'white' size W / 96.0,H / 96.0
} else { if (form eq 'png') {
	set terminal pngcairo noenhanced font 'DejaVu Sans,13' background rgb 'white' size W,H
} else {
	exit error 'a picture is written as .png, .svg or .pdf, and not as '.out
}}}
set output out
unset key
set border 0
set tics scale 0 textcolor rgb INK
set grid xtics linetype 1 linewidth 1 linecolor rgb GRID

if (remark ne '') { run_line = run_line.(run_line eq '' ? '' : '; ').remark }
set label title at screen X(24),Y(30) left font ',20' textcolor rgb INK front
set label run_line at screen X(24),Y(60) left font ',12' textcolor rgb FAINT front
set label warning_line at screen X(24),Y(82) left font ',12' textcolor rgb WARNING front

kx = 36
ky = 112
do for [k = (key eq '' ? layers : first):layers - 1] {
	if (kx + taken_by(k) > W) { kx = 36; ky = ky + 20 }
	if (key eq 'points') {
		set label '' at screen X(kx),Y(ky) point pointtype point(k) pointsize 1.5 linecolor rgb colour(k)
	} else {
		set object rectangle from screen X(kx - 10),Y(ky + 7) to screen X(kx + 10),Y(ky - 7) \
			fillcolor rgb colour(k) fillstyle pattern pattern(k) border linecolor rgb colour(k)
	}
	set label L[k + 1] at screen X(kx + 16),Y(ky) left font ',12' textcolor rgb INK front
	kx = kx + taken_by(k)
}
