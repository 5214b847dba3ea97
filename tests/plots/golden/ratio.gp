set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'What one operation costs, against L0' at screen 0.0200,0.9545 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; medians with 95 % intervals' at screen 0.0200,0.9091 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0200,0.8758 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0300,0.8303 point pointtype 5 pointsize 1.5 linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.0433,0.8303 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.1983,0.8303 point pointtype 9 pointsize 1.5 linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2117,0.8303 left font ',12' textcolor rgb '#222222' front
$L1 << END
17.9748 17.9388 18.048 0
54.9969 54.6926 55.2128 1
9.48492 9.4694 9.55375 2
21.9699 21.9438 22.0226 3
11.9917 11.9681 12.059 4
8.00575 7.99592 8.01212 5
10.9791 10.924 10.9984 6
9.20195 9.1935 9.21194 7
2.3996 2.39019 2.40391 8
5.49562 5.47378 5.50152 9
3.09567 3.09096 3.10487 10
1.6978 1.69141 1.70436 11
END
$P2 << END
236.335 0
12.0142 2
11.4781 6
END
$L2 << END
410.202 408.185 411.505 0
51.9251 51.7487 52.2128 1
37.9385 37.7656 38.0416 2
22.0668 22.0058 22.1037 3
13.0006 12.9422 13.0267 4
11.0252 10.9938 11.0652 5
11.0235 11.0083 11.0592 6
9.25797 9.2316 9.29881 7
6.50788 6.49463 6.51363 8
5.99677 5.9865 6.00877 9
4.59352 4.58326 4.60135 10
3.90131 3.88422 3.9164 11
END
set label '' at screen 0.0300,0.7970 point pointtype 12 pointsize 1.5 linewidth 2 linecolor rgb '#222222'
set label 'published, in the colour of the layer: over the layer above as on hardware (PVM, SOSP 2023; DVH, ASPLOS 2020)' at screen 0.0433,0.7970 left font ',12' textcolor rgb '#222222' front
$span << END
17.9748 0 392.227 0
51.9251 1 3.07178 0
9.48492 2 28.4536 0
21.9699 3 0.096934 0
11.9917 4 1.00892 0
8.00575 5 3.01946 0
10.9791 6 0.0444595 0
9.20195 7 0.0560183 0
2.3996 8 4.10827 0
5.49562 9 0.501156 0
3.09567 10 1.49785 0
1.6978 11 2.20351 0
END
set label 'exit.cpuid' at graph -0.015, first 0 right font ',14'
set label '18.0×' at graph 1.097, first 0 right font ',12' textcolor rgb '#222222'
set label '410×' at graph 1.194, first 0 right font ',12' textcolor rgb '#222222'
set label 'clock' at graph -0.015, first 1 right font ',14'
set label '55.0×' at graph 1.097, first 1 right font ',12' textcolor rgb '#222222'
set label '51.9×' at graph 1.194, first 1 right font ',12' textcolor rgb '#222222'
set label 'mem.fault' at graph -0.015, first 2 right font ',14'
set label '9.48×' at graph 1.097, first 2 right font ',12' textcolor rgb '#222222'
set label '37.9×' at graph 1.194, first 2 right font ',12' textcolor rgb '#222222'
set label 'cpu.float' at graph -0.015, first 3 right font ',14'
set label '22.0×' at graph 1.097, first 3 right font ',12' textcolor rgb '#222222'
set label '22.1×' at graph 1.194, first 3 right font ',12' textcolor rgb '#222222'
set label 'nop' at graph -0.015, first 4 right font ',14'
set label '12.0×' at graph 1.097, first 4 right font ',12' textcolor rgb '#222222'
set label '13.0×' at graph 1.194, first 4 right font ',12' textcolor rgb '#222222'
set label 'gpu.offload' at graph -0.015, first 5 right font ',14'
set label '8.01×' at graph 1.097, first 5 right font ',12' textcolor rgb '#222222'
set label '11.0×' at graph 1.194, first 5 right font ',12' textcolor rgb '#222222'
set label 'cpu.syscall' at graph -0.015, first 6 right font ',14'
set label '11.0×' at graph 1.097, first 6 right font ',12' textcolor rgb '#222222'
set label '11.0×' at graph 1.194, first 6 right font ',12' textcolor rgb '#222222'
set label 'cpu.int' at graph -0.015, first 7 right font ',14'
set label '9.20×' at graph 1.097, first 7 right font ',12' textcolor rgb '#222222'
set label '9.26×' at graph 1.194, first 7 right font ',12' textcolor rgb '#222222'
set label 'io.randread' at graph -0.015, first 8 right font ',14'
set label '2.40×' at graph 1.097, first 8 right font ',12' textcolor rgb '#222222'
set label '6.51×' at graph 1.194, first 8 right font ',12' textcolor rgb '#222222'
set label 'mem.stream' at graph -0.015, first 9 right font ',14'
set label '5.50×' at graph 1.097, first 9 right font ',12' textcolor rgb '#222222'
set label '6.00×' at graph 1.194, first 9 right font ',12' textcolor rgb '#222222'
set label 'mem.chase' at graph -0.015, first 10 right font ',14'
set label '3.10×' at graph 1.097, first 10 right font ',12' textcolor rgb '#222222'
set label '4.59×' at graph 1.194, first 10 right font ',12' textcolor rgb '#222222'
set label 'io.fsync' at graph -0.015, first 11 right font ',14'
set label '1.70×' at graph 1.097, first 11 right font ',12' textcolor rgb '#222222'
set label '3.90×' at graph 1.194, first 11 right font ',12' textcolor rgb '#222222'
set label 'L1' at graph 1.097, first -0.95 right font ',12' textcolor rgb '#666666'
set label 'L2' at graph 1.194, first -0.95 right font ',12' textcolor rgb '#666666'
set lmargin at screen 0.2000
set rmargin at screen 0.8533
set tmargin at screen 0.7758
set bmargin at screen 0.1061
set yrange [11.6:-1.3]
unset ytics
set logscale x 10
set xrange [0.92:460.885]
set xtics autofreq
set xtics format '%g×' font ',12'
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb '#444444' back
set xlabel 'time per operation, as a multiple of L0 (logarithmic; 1× is L0)' font ',13'
plot \
  $span using 1:2:3:4 with vectors nohead linewidth 2 linecolor rgb '#C8C8C8' notitle, \
  $L1 using 1:4:2:3 with xerrorbars pointtype 5 pointsize 1.6 linewidth 2 linecolor rgb '#0072B2' notitle, \
  $L2 using 1:4:2:3 with xerrorbars pointtype 9 pointsize 1.6 linewidth 2 linecolor rgb '#E69F00' notitle, \
  $P2 using 1:2 with points pointtype 12 pointsize 1.7 linewidth 2 linecolor rgb '#E69F00' notitle
