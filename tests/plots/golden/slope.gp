set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'From layer to layer: time per operation, against L0' at screen 0.0240,0.9571 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; bold: kinds of work (geometric means), thin: workloads' at screen 0.0240,0.9143 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0240,0.8829 left font ',12' textcolor rgb '#B03A00' front
$thin << END


0 1
1 21.9699
2 22.0668

0 1
1 9.20195
2 9.25797

0 1
1 10.9791
2 11.0235

0 1
1 17.9748
2 410.202

0 1
1 3.09567
2 4.59352

0 1
1 9.48492
2 37.9385

0 1
1 5.49562
2 5.99677

0 1
1 1.6978
2 3.90131

0 1
1 2.3996
2 6.50788

0 1
1 8.00575
2 11.0252


END
$C0 << END
0 1 1 1
1 17.9748 17.9388 18.048
2 410.202 408.185 411.505
END
$C1 << END
0 1 1 1
1 13.0418 13.037 13.0524
2 13.1091 13.0929 13.1292
END
$C2 << END
0 1 1 1
1 8.00575 7.99592 8.01212
2 11.0252 10.9938 11.0652
END
$C3 << END
0 1 1 1
1 5.44264 5.43822 5.45721
2 10.1448 10.1381 10.1664
END
$C4 << END
0 1 1 1
1 2.01741 2.01495 2.02172
2 5.03792 5.02681 5.0482
END
set arrow from screen 0.7380,0.7643 to screen 0.7640,0.7643 nohead linewidth 1 linecolor rgb '#C8C8C8'
set label 'exit'.'  410×' at screen 0.7700,0.7643 left font ',14' textcolor rgb '#D55E00'
set arrow from screen 0.7380,0.3898 to screen 0.7640,0.3898 nohead linewidth 1 linecolor rgb '#C8C8C8'
set label 'cpu'.'  13.1×' at screen 0.7700,0.3898 left font ',14' textcolor rgb '#0072B2'
set arrow from screen 0.7380,0.3710 to screen 0.7640,0.3598 nohead linewidth 1 linecolor rgb '#C8C8C8'
set label 'gpu'.'  11.0×' at screen 0.7700,0.3598 left font ',14' textcolor rgb '#009E73'
set arrow from screen 0.7380,0.3620 to screen 0.7640,0.3298 nohead linewidth 1 linecolor rgb '#C8C8C8'
set label 'mem'.'  10.1×' at screen 0.7700,0.3298 left font ',14' textcolor rgb '#CC79A7'
set arrow from screen 0.7380,0.2858 to screen 0.7640,0.2858 nohead linewidth 1 linecolor rgb '#C8C8C8'
set label 'io'.'  5.04×' at screen 0.7700,0.2858 left font ',14' textcolor rgb '#8C6D00'
set lmargin at screen 0.0900
set rmargin at screen 0.7300
set tmargin at screen 0.7886
set bmargin at screen 0.0857
set logscale y 10
set yrange [0.8:512.752]
set ytics format '%g×' font ',12'
set xrange [0:2]
set grid xtics ytics
set xtics ('L0' 0, 'L1 tcg, emulated' 1, 'L2 kvm on emulated CPU' 2) font ',13'
set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 2 linecolor rgb '#444444' back
plot $thin using 1:2 with lines linewidth 1 linecolor rgb '#C8C8C8' notitle, \
  $C0 using 1:2 with linespoints pointtype 7 pointsize 1.2 linewidth 3 linecolor rgb '#D55E00' notitle, \
  $C1 using 1:2 with linespoints pointtype 7 pointsize 1.2 linewidth 3 linecolor rgb '#0072B2' notitle, \
  $C2 using 1:2 with linespoints pointtype 7 pointsize 1.2 linewidth 3 linecolor rgb '#009E73' notitle, \
  $C3 using 1:2 with linespoints pointtype 7 pointsize 1.2 linewidth 3 linecolor rgb '#CC79A7' notitle, \
  $C4 using 1:2 with linespoints pointtype 7 pointsize 1.2 linewidth 3 linecolor rgb '#8C6D00' notitle
