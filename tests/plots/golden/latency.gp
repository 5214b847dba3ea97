set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Memory latency against the working set' at screen 0.0225,0.9472 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; time of one dependent load; medians with 95 % intervals' at screen 0.0225,0.8944 left font ',12' textcolor rgb '#666666' front
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
set ytics format '%.0s %cs'
set offsets graph 0.05, graph 0.05
set lmargin at screen 0.0843
set rmargin at screen 0.9625
set tmargin at screen 0.6901
set bmargin at screen 0.1303
set title 'mem.chase' font ',13' offset 0,-0.5
$S0L0 << END
16384 3.23789e-10 2.55882e-10 3.82313e-10
1.04858e+06 2.43163e-08 1.92197e-08 2.86783e-08
6.71089e+07 8.31603e-08 6.56757e-08 9.83115e-08
END
$S0L1 << END
16384 3.89328e-09 3.06793e-09 4.60514e-09
1.04858e+06 1.3395e-06 1.0574e-06 1.5831e-06
6.71089e+07 2.57799e-07 2.03022e-07 3.04325e-07
END
$S0L2 << END
16384 4.21235e-09 3.32406e-09 4.98026e-09
1.04858e+06 1.26573e-06 9.98152e-07 1.49738e-06
6.71089e+07 3.82159e-07 3.01009e-07 4.51737e-07
END
set xtics ('16.0 KiB' 16384, '64.0 KiB' 65536, '256 KiB' 262144, '1.00 MiB' 1048576, '4.00 MiB' 4194304, '16.0 MiB' 16777216, '64.0 MiB' 67108864, '256 MiB' 268435456)
set xlabel 'working set' font ',11' offset 0,0.6
plot $S0L0 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#444444' notitle, \
 $S0L0 using 1:2:3:4 with yerrorbars pointtype 7 pointsize 1 linewidth 1.5 linecolor rgb '#444444' notitle, \
 $S0L1 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#0072B2' notitle, \
 $S0L1 using 1:2:3:4 with yerrorbars pointtype 5 pointsize 1 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
 $S0L2 using 1:2 smooth unique with lines linewidth 2 linecolor rgb '#E69F00' notitle, \
 $S0L2 using 1:2:3:4 with yerrorbars pointtype 9 pointsize 1 linewidth 1.5 linecolor rgb '#E69F00' notitle
unset multiplot
