set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Under concurrency: total rate against how many run at once' at screen 0.0225,0.9472 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; operations per second of all together; medians with 95 % intervals' at screen 0.0225,0.8944 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0225,0.8556 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0337,0.8028 point pointtype 7 pointsize 1.5 linecolor rgb '#444444'
set label 'L0' at screen 0.0487,0.8028 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.0983,0.8028 point pointtype 5 pointsize 1.5 linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.1133,0.8028 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.2875,0.8028 point pointtype 9 pointsize 1.5 linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.3024,0.8028 left font ',12' textcolor rgb '#222222' front
set multiplot
set border 3 linecolor rgb '#AAAAAA'
set grid ytics
set xtics font ',11'
set ytics font ',11'
set grid xtics
set logscale x 2
set logscale y 10
set ytics format '%.0s%c/s'
set offsets graph 0.05, graph 0.05
set lmargin at screen 0.0843
set rmargin at screen 0.9625
set tmargin at screen 0.6901
set bmargin at screen 0.1303
set title 'cpu.int' font ',13' offset 0,-0.5
$S0L0 << END
1 2.40825e+09 2.037e+09 3.04549e+09
4 1.79115e+09 1.51493e+09 2.27063e+09
END
$S0L1 << END
1 2.61706e+08 2.21487e+08 3.31266e+08
4 8.15793e+07 6.8908e+07 1.03336e+08
END
$S0L2 << END
1 2.59741e+08 2.20403e+08 3.29899e+08
4 8.12079e+07 6.85778e+07 1.02972e+08
END
set xtics ('1' 1, '2' 2, '4' 4, '8' 8)
set xlabel 'threads in one VM' font ',11' offset 0,0.6
plot $S0L0 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#444444' notitle, \
 $S0L0 using 1:2:3:4 with yerrorbars pointtype 7 pointsize 1 linewidth 1.5 linecolor rgb '#444444' notitle, \
 $S0L1 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#0072B2' notitle, \
 $S0L1 using 1:2:3:4 with yerrorbars pointtype 5 pointsize 1 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
 $S0L2 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#E69F00' notitle, \
 $S0L2 using 1:2:3:4 with yerrorbars pointtype 9 pointsize 1 linewidth 1.5 linecolor rgb '#E69F00' notitle
unset multiplot
