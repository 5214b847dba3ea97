set encoding utf8
unset key
set border 1 linecolor rgb '#AAAAAA'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Run beside run: time per operation, against its own L0' at screen 0.0218,0.9702 left font ',20' textcolor rgb '#222222' front
set label '' at screen 0.0327,0.9375 point pointtype 5 pointsize 1.5 linecolor rgb '#D55E00'
set label 'laptop  (EMULATED CPU from L1 on)' at screen 0.0473,0.9375 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0327,0.9157 point pointtype 9 pointsize 1.5 linecolor rgb '#0072B2'
set label '??x?' at screen 0.0473,0.9157 left font ',12' textcolor rgb '#222222' front
set label 'cpu' at graph -0.05, first 0.5 right font ',14'
set label 'L1' at graph -0.012, first 0.5 right font ',12'
set label 'L2' at graph -0.012, first 1.5 right font ',12'
set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 2.5 right font ',12'
set arrow from graph 0, first 2 to graph 1, first 2 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'exit' at graph -0.05, first 3.5 right font ',14'
set label 'L1' at graph -0.012, first 3.5 right font ',12'
set arrow from graph 0, first 3 to graph 1, first 3 nohead linewidth 1.5 linecolor rgb '#AAAAAA' back
set label 'L2' at graph -0.012, first 4.5 right font ',12'
set arrow from graph 0, first 4 to graph 1, first 4 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 5.5 right font ',12'
set arrow from graph 0, first 5 to graph 1, first 5 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'mem' at graph -0.05, first 6.5 right font ',14'
set label 'L1' at graph -0.012, first 6.5 right font ',12'
set arrow from graph 0, first 6 to graph 1, first 6 nohead linewidth 1.5 linecolor rgb '#AAAAAA' back
set label 'L2' at graph -0.012, first 7.5 right font ',12'
set arrow from graph 0, first 7 to graph 1, first 7 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 8.5 right font ',12'
set arrow from graph 0, first 8 to graph 1, first 8 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'io' at graph -0.05, first 9.5 right font ',14'
set label 'L1' at graph -0.012, first 9.5 right font ',12'
set arrow from graph 0, first 9 to graph 1, first 9 nohead linewidth 1.5 linecolor rgb '#AAAAAA' back
set label 'L2' at graph -0.012, first 10.5 right font ',12'
set arrow from graph 0, first 10 to graph 1, first 10 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 11.5 right font ',12'
set arrow from graph 0, first 11 to graph 1, first 11 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'gpu' at graph -0.05, first 12.5 right font ',14'
set label 'L1' at graph -0.012, first 12.5 right font ',12'
set arrow from graph 0, first 12 to graph 1, first 12 nohead linewidth 1.5 linecolor rgb '#AAAAAA' back
set label 'L2' at graph -0.012, first 13.5 right font ',12'
set arrow from graph 0, first 13 to graph 1, first 13 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 14.5 right font ',12'
set arrow from graph 0, first 14 to graph 1, first 14 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'capacity' at graph -0.05, first 15.5 right font ',14'
set label 'L1' at graph -0.012, first 15.5 right font ',12'
set arrow from graph 0, first 15 to graph 1, first 15 nohead linewidth 1.5 linecolor rgb '#AAAAAA' back
set label 'L2' at graph -0.012, first 16.5 right font ',12'
set arrow from graph 0, first 16 to graph 1, first 16 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
set label 'L3' at graph -0.012, first 17.5 right font ',12'
set arrow from graph 0, first 17 to graph 1, first 17 nohead linewidth 0.5 linecolor rgb '#E4E4E4' back
$R0 << END
13.0418 13.037 13.0524 0.3333
13.1091 13.0929 13.1292 1.3333
17.9748 17.9388 18.048 3.3333
410.202 408.185 411.505 4.3333
5.44264 5.43822 5.45721 6.3333
10.1448 10.1381 10.1664 7.3333
2.01741 2.01495 2.02172 9.3333
5.03792 5.02681 5.0482 10.3333
8.00575 7.99592 8.01212 12.3333
11.0252 10.9938 11.0652 13.3333
1 1 1 15.3333
1 1 1 16.3333
END
$R1 << END
13.0418 13.037 13.0524 0.6667
13.1091 13.0929 13.1292 1.6667
13.1005 13.0902 13.1302 2.6667
17.9752 17.9387 18.0478 3.6667
410.206 408.2 411.514 4.6667
9003.66 8975.04 9031.28 5.6667
5.44264 5.43822 5.45721 6.6667
10.1448 10.1381 10.1664 7.6667
18.1205 18.1046 18.1495 8.6667
2.01741 2.01495 2.02172 9.6667
5.03792 5.02681 5.0482 10.6667
18.1591 18.1127 18.2092 11.6667
8.00575 7.99592 8.01212 12.6667
11.0252 10.9938 11.0652 13.6667
15.0378 14.9865 15.0475 14.6667
1 1 1 15.6667
1 1 1 16.6667
1 1 1 17.6667
END
set lmargin at screen 0.1364
set rmargin at screen 0.9636
set tmargin at screen 0.8909
set bmargin at screen 0.0873
set yrange [18:0]
unset ytics
set logscale x 10
set xrange [0.9:10115]
set xtics nomirror scale 0 format '%g×' font ',12' textcolor rgb '#222222'
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb '#444444' back
set xlabel 'multiple of L0 (logarithmic); medians with 95 % intervals; capacity: how many times smaller' font ',13'
plot $R0 using 1:4:2:3 with xerrorbars pointtype 5 pointsize 1.3 linewidth 2 linecolor rgb '#D55E00' notitle, \
 $R1 using 1:4:2:3 with xerrorbars pointtype 9 pointsize 1.3 linewidth 2 linecolor rgb '#0072B2' notitle
