set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'The tax of each layer' at screen 0.0217,0.9551 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; what it reserves, what is lost below it; in per cent of L0' at screen 0.0217,0.9102 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0217,0.8772 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0325,0.8323 point pointtype 7 pointsize 1.5 linecolor rgb '#444444'
set label 'L0' at screen 0.0469,0.8323 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.0948,0.8323 point pointtype 5 pointsize 1.5 linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.1092,0.8323 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.2771,0.8323 point pointtype 9 pointsize 1.5 linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2915,0.8323 left font ',12' textcolor rgb '#222222' front
set multiplot
set border 3 linecolor rgb '#AAAAAA'
set grid ytics
set xtics font ',11'
set ytics font ',11'
set yrange [0:128]
set ytics 0,25,100 format '%g %%'
set lmargin at screen 0.0812
set rmargin at screen 0.9639
set tmargin at screen 0.7365
set bmargin at screen 0.4850
set title 'CPUs' font ',13' offset 0,-0.5
$R0L0 << END
0 0 0 100
END
set label '100 %' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R0L1 << END
4 0 0 3.64214
END
set label '3.64 %' at first 4, first 3.64214 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R0L2 << END
8 0 0 3.62453
END
set label '3.62 %' at first 8, first 3.62453 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R0P0 << END
1 100 50 100
5 3.64214 3.64214 3.64214
END
$R0P1 << END
2 50 47.5 50
6 3.64214 3.64214 3.64214
END
$R0P2 << END
3 47.5 3.64214 47.5
7 3.64214 3.62453 3.64214
END
set label '−50.0 %' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−2.50 %' at first 2, first 50 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−43.9 %' at first 3, first 47.5 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '0 %' at first 5, first 3.64214 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '0 %' at first 6, first 3.64214 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−0.018 %' at first 7, first 3.64214 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R0W << END
4 3.63919 3.64347
8 3.61898 3.62903
END
set xrange [-0.7:8.7]
set xtics ('L0' 0, 'reserved' 1, 'hypervisor' 2, 'slower' 3, 'L1' 4, 'reserved' 5, 'hypervisor' 6, 'slower' 7, 'L2' 8)
plot $R0P0 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#888888' fill pattern 1 border linecolor rgb '#888888' notitle, \
  $R0P1 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#D55E00' fill pattern 2 border linecolor rgb '#D55E00' notitle, \
  $R0P2 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#CC79A7' fill pattern 4 border linecolor rgb '#CC79A7' notitle, \
  $R0L0 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $R0L1 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $R0L2 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle, \
  $R0W using 1:2:(0):($3-$2) with vectors nohead linewidth 2 linecolor rgb '#222222' notitle
unset label
unset object
set lmargin at screen 0.0812
set rmargin at screen 0.9639
set tmargin at screen 0.3623
set bmargin at screen 0.1108
set title 'memory: only how much, for how fast was not measured' font ',13' offset 0,-0.5
$R1L0 << END
0 0 0 100
END
set label '100 %' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R1L1 << END
4 0 0 50
END
set label '50.0 %' at first 4, first 50 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R1L2 << END
8 0 0 5.03316
END
set label '5.03 %' at first 8, first 5.03316 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$R1P0 << END
1 100 51.25 100
5 50 37.5 50
END
$R1P1 << END
2 51.25 50 51.25
6 37.5 5.03316 37.5
END
set label '−48.8 %' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−1.25 %' at first 2, first 51.25 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label 'not known' at first 3, first 50 center offset 0,0.6 font ',10' textcolor rgb '#666666' front
set label '−12.5 %' at first 5, first 50 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−32.5 %' at first 6, first 37.5 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label 'not known' at first 7, first 5.03316 center offset 0,0.6 font ',10' textcolor rgb '#666666' front
$R1W << END
END
set xrange [-0.7:8.7]
set xtics ('L0' 0, 'reserved' 1, 'hypervisor' 2, 'slower' 3, 'L1' 4, 'reserved' 5, 'hypervisor' 6, 'slower' 7, 'L2' 8)
plot $R1P0 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#888888' fill pattern 1 border linecolor rgb '#888888' notitle, \
  $R1P1 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#D55E00' fill pattern 2 border linecolor rgb '#D55E00' notitle, \
  $R1L0 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $R1L1 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $R1L2 using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle
unset multiplot
