set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Usable share of the machine' at screen 0.0200,0.9573 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; medians with 95 % intervals' at screen 0.0200,0.9145 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0200,0.8832 left font ',12' textcolor rgb '#B03A00' front
set object rectangle from screen 0.0217,0.8305 to screen 0.0383,0.8504 fillcolor rgb '#0072B2' fillstyle pattern 3 border linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.0433,0.8405 left font ',12' textcolor rgb '#222222' front
set object rectangle from screen 0.1900,0.8305 to screen 0.2067,0.8504 fillcolor rgb '#E69F00' fillstyle pattern 4 border linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2117,0.8405 left font ',12' textcolor rgb '#222222' front
$L1 << END
7.66766 7.66144 7.67046 15 2.4 27.6
5.56335 5.54079 5.57452 95 82.4 107.6
18.3734 18.3244 18.3884 175 162.4 187.6
49.5686 49.4627 49.6291 255 242.4 267.6
12.491 12.4811 12.5064 335 322.4 347.6
100 100 100 415 402.4 427.6
END
$L2 << END
7.62826 7.61659 7.63773 45 32.4 57.6
0.243783 0.243011 0.244987 125 112.4 137.6
9.85724 9.83634 9.86378 205 192.4 217.6
19.8495 19.8091 19.8933 285 272.4 297.6
9.07012 9.03734 9.09604 365 352.4 377.6
100 100 100 445 432.4 457.6
END
set label 'cpu' at graph -0.055, first 30 right font ',16'
set label 'L1' at graph -0.012, first 15 right font ',12'
set label '7.67 % [7.66, 7.67]' at first 7.67046, first 15 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 45 right font ',12'
set label '7.63 % [7.62, 7.64]' at first 7.63773, first 45 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'exit' at graph -0.055, first 110 right font ',16'
set label 'L1' at graph -0.012, first 95 right font ',12'
set label '5.56 % [5.54, 5.57]' at first 5.57452, first 95 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 125 right font ',12'
set label '0.244 % [0.243, 0.245]' at first 0.244987, first 125 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'mem' at graph -0.055, first 190 right font ',16'
set label 'L1' at graph -0.012, first 175 right font ',12'
set label '18.4 % [18.3, 18.4]' at first 18.3884, first 175 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 205 right font ',12'
set label '9.86 % [9.84, 9.86]' at first 9.86378, first 205 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'io' at graph -0.055, first 270 right font ',16'
set label 'L1' at graph -0.012, first 255 right font ',12'
set label '49.6 % [49.5, 49.6]' at first 49.6291, first 255 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 285 right font ',12'
set label '19.8 % [19.8, 19.9]' at first 19.8933, first 285 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'gpu' at graph -0.055, first 350 right font ',16'
set label 'L1' at graph -0.012, first 335 right font ',12'
set label '12.5 % [12.5, 12.5]' at first 12.5064, first 335 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 365 right font ',12'
set label '9.07 % [9.04, 9.10]' at first 9.09604, first 365 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'capacity' at graph -0.055, first 430 right font ',16'
set label 'L1' at graph -0.012, first 415 right font ',12'
set label '100 % [100, 100]'.' (as asked for)' at first 100, first 415 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set label 'L2' at graph -0.012, first 445 right font ',12'
set label '100 % [100, 100]'.' (as asked for)' at first 100, first 445 left offset 0.8,0 font ',12' textcolor rgb '#222222'
set lmargin at screen 0.15
set rmargin at screen 0.975
set tmargin at screen 0.7892
set bmargin at screen 0.0997
set yrange [472:-12]
unset ytics
set xrange [0:127]
set xtics 0,20,100 format '%g %%' font ',12'
set arrow from 100, graph 0 to 100, graph 1 nohead linewidth 2 linecolor rgb '#444444' back
set xlabel 'share of what L0 gives (100 % is L0 itself)' font ',13'
plot \
  $L1 using 1:4:(0):1:5:6 with boxxyerror fillcolor rgb '#0072B2' fill pattern 3 border linecolor rgb '#0072B2' notitle, \
  $L1 using 1:4:2:3 with xerrorbars pointtype 0 linewidth 2 linecolor rgb '#222222' notitle, \
  $L2 using 1:4:(0):1:5:6 with boxxyerror fillcolor rgb '#E69F00' fill pattern 4 border linecolor rgb '#E69F00' notitle, \
  $L2 using 1:4:2:3 with xerrorbars pointtype 0 linewidth 2 linecolor rgb '#222222' notitle
