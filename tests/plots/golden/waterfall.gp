set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Where the machine goes: usable share of each resource' at screen 0.0170,0.9299 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; % of L0; hatched: the tax of a layer' at screen 0.0170,0.8598 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0170,0.8084 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0256,0.7383 point pointtype 7 pointsize 1.5 linecolor rgb '#444444'
set label 'L0' at screen 0.0369,0.7383 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.0746,0.7383 point pointtype 5 pointsize 1.5 linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.0859,0.7383 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.2180,0.7383 point pointtype 9 pointsize 1.5 linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2294,0.7383 left font ',12' textcolor rgb '#222222' front
set multiplot
set border 3 linecolor rgb '#AAAAAA'
set grid ytics
set xtics font ',11'
set ytics font ',11'
set yrange [0:122]
set ytics 0,25,100 format '%g %%'
set lmargin at screen 0.0639
set rmargin at screen 0.2472
set tmargin at screen 0.5888
set bmargin at screen 0.1729
set title 'CPU  (cpu: 3 workloads)' font ',13' offset 0,-0.5
$W0L0 << END
0 -0.38 0.38 0 100
END
set label '100' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W0L1 << END
2 1.62 2.38 0 7.66766
END
set label '7.67' at first 2, first 7.66766 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W0L2 << END
4 3.62 4.38 0 7.62826
END
set label '7.63' at first 4, first 7.62826 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W0T << END
1 0.62 1.38 7.66766 100
3 2.62 3.38 7.62826 7.66766
END
set label '−92.3' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−0.039' at first 3, first 7.66766 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set xrange [-0.7:4.7]
set xtics ('L0' 0, 'L1' 2, 'L2' 4)
plot $W0T using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#C8C8C8' fill pattern 2 border linecolor rgb '#888888' notitle, \
  $W0L0 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $W0L1 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $W0L2 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle
unset label
unset object
set lmargin at screen 0.3054
set rmargin at screen 0.4886
set tmargin at screen 0.5888
set bmargin at screen 0.1729
set title 'memory  (mem: 3 workloads)' font ',13' offset 0,-0.5
$W1L0 << END
0 -0.38 0.38 0 100
END
set label '100' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W1L1 << END
2 1.62 2.38 0 18.3734
END
set label '18.4' at first 2, first 18.3734 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W1L2 << END
4 3.62 4.38 0 9.85724
END
set label '9.86' at first 4, first 9.85724 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W1T << END
1 0.62 1.38 18.3734 100
3 2.62 3.38 9.85724 18.3734
END
set label '−81.6' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−8.52' at first 3, first 18.3734 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set xrange [-0.7:4.7]
set xtics ('L0' 0, 'L1' 2, 'L2' 4)
plot $W1T using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#C8C8C8' fill pattern 2 border linecolor rgb '#888888' notitle, \
  $W1L0 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $W1L1 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $W1L2 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle
unset label
unset object
set lmargin at screen 0.5469
set rmargin at screen 0.7301
set tmargin at screen 0.5888
set bmargin at screen 0.1729
set title 'disk I/O  (io: 2 workloads)' font ',13' offset 0,-0.5
$W2L0 << END
0 -0.38 0.38 0 100
END
set label '100' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W2L1 << END
2 1.62 2.38 0 49.5686
END
set label '49.6' at first 2, first 49.5686 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W2L2 << END
4 3.62 4.38 0 19.8495
END
set label '19.8' at first 4, first 19.8495 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W2T << END
1 0.62 1.38 49.5686 100
3 2.62 3.38 19.8495 49.5686
END
set label '−50.4' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−29.7' at first 3, first 49.5686 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set xrange [-0.7:4.7]
set xtics ('L0' 0, 'L1' 2, 'L2' 4)
plot $W2T using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#C8C8C8' fill pattern 2 border linecolor rgb '#888888' notitle, \
  $W2L0 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $W2L1 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $W2L2 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle
unset label
unset object
set lmargin at screen 0.7884
set rmargin at screen 0.9716
set tmargin at screen 0.5888
set bmargin at screen 0.1729
set title 'GPU  (gpu: 1 workload)' font ',13' offset 0,-0.5
$W3L0 << END
0 -0.38 0.38 0 100
END
set label '100' at first 0, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W3L1 << END
2 1.62 2.38 0 12.491
END
set label '12.5' at first 2, first 12.491 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W3L2 << END
4 3.62 4.38 0 9.07012
END
set label '9.07' at first 4, first 9.07012 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
$W3T << END
1 0.62 1.38 12.491 100
3 2.62 3.38 9.07012 12.491
END
set label '−87.5' at first 1, first 100 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set label '−3.42' at first 3, first 12.491 center offset 0,0.6 font ',10' textcolor rgb '#222222' front
set xrange [-0.7:4.7]
set xtics ('L0' 0, 'L1' 2, 'L2' 4)
plot $W3T using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#C8C8C8' fill pattern 2 border linecolor rgb '#888888' notitle, \
  $W3L0 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#444444' fill solid border linecolor rgb '#444444' notitle, \
  $W3L1 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#0072B2' fill solid border linecolor rgb '#0072B2' notitle, \
  $W3L2 using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#E69F00' fill solid border linecolor rgb '#E69F00' notitle
unset multiplot
