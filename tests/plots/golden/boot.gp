set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Time to boot, from starting a layer until it answers' at screen 0.0240,0.9038 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot' at screen 0.0240,0.8077 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0240,0.7372 left font ',12' textcolor rgb '#B03A00' front
set object rectangle from screen 0.0260,0.6186 to screen 0.0460,0.6635 fillcolor rgb '#0072B2' fillstyle pattern 3 border linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.0520,0.6410 left font ',12' textcolor rgb '#222222' front
set object rectangle from screen 0.2280,0.6186 to screen 0.2480,0.6635 fillcolor rgb '#E69F00' fillstyle pattern 4 border linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2540,0.6410 left font ',12' textcolor rgb '#222222' front
$B1 << END
4 1 0.68 1.32 NaN NaN
END
set label 'L1' at graph -0.015, first 1 right font ',14'
set label '4.00 s' at first 4, first 1 left offset 0.8,0 font ',13' textcolor rgb '#222222'
$B2 << END
20 2 1.68 2.32 NaN NaN
END
set label 'L2' at graph -0.015, first 2 right font ',14'
set label '20.0 s' at first 20, first 2 left offset 0.8,0 font ',13' textcolor rgb '#222222'
set lmargin at screen 0.0700
set rmargin at screen 0.975
set tmargin at screen 0.5256
set bmargin at screen 0.1923
set yrange [2.6:0.4]
unset ytics
set xrange [0:23.6]
set xtics format '%.0s %cs' font ',12'
plot \
  $B1 using 1:2:(0):1:3:4 with boxxyerror fillcolor rgb '#0072B2' fill pattern 3 border linecolor rgb '#0072B2' notitle, \
  $B1 using 1:2:5:6 with xerrorbars pointtype 0 linewidth 2 linecolor rgb '#222222' notitle, \
  $B2 using 1:2:(0):1:3:4 with boxxyerror fillcolor rgb '#E69F00' fill pattern 4 border linecolor rgb '#E69F00' notitle, \
  $B2 using 1:2:5:6 with xerrorbars pointtype 0 linewidth 2 linecolor rgb '#222222' notitle
