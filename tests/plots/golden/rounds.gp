set encoding utf8
set termoption noenhanced
set datafile missing 'NaN'
set border 0
set tics scale 0 textcolor rgb '#222222'
set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set label 'Every round: time per operation in each layer' at screen 0.0170,0.9684 left font ',20' textcolor rgb '#222222' front
set label 'run 20260131-120000-lab on lab, 6 rounds within one boot; medians over the batches of a round' at screen 0.0170,0.9367 left font ',12' textcolor rgb '#666666' front
set label 'EMULATED CPU from L1 on: the shape of the cost, not what hardware would give.  L0 is itself a VM' at screen 0.0170,0.9135 left font ',12' textcolor rgb '#B03A00' front
set label '' at screen 0.0256,0.8819 point pointtype 7 pointsize 1.5 linecolor rgb '#444444'
set label 'L0' at screen 0.0369,0.8819 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.0746,0.8819 point pointtype 5 pointsize 1.5 linecolor rgb '#0072B2'
set label 'L1 tcg, emulated' at screen 0.0859,0.8819 left font ',12' textcolor rgb '#222222' front
set label '' at screen 0.2180,0.8819 point pointtype 9 pointsize 1.5 linecolor rgb '#E69F00'
set label 'L2 kvm on emulated CPU' at screen 0.2294,0.8819 left font ',12' textcolor rgb '#222222' front
set multiplot
set border 3 linecolor rgb '#AAAAAA'
set grid ytics
set xtics font ',11'
set ytics font ',11'
set xrange [0.5:6.5]
set xlabel 'round' font ',11' offset 0,0.6
set xtics 1
$P0L0 << END
1 1.92197e-08 0
2 2.15104e-08 0
3 2.60619e-08 0
4 2.86783e-08 0
5 2.71653e-08 0
6 2.25707e-08 0
END
$P0L1 << END
1 1.0574e-06 0
2 1.17646e-06 0
3 1.43281e-06 0
4 1.5831e-06 0
5 1.4904e-06 0
6 1.24619e-06 0
END
$P0L2 << END
1 9.98152e-07 0
2 1.11313e-06 0
3 1.35304e-06 0
4 1.49738e-06 0
5 1.40828e-06 0
6 1.17842e-06 0
END
set lmargin at screen 0.0639
set rmargin at screen 0.2472
set tmargin at screen 0.8143
set bmargin at screen 0.6266
set title 'clock' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-08:1e-05]
plot $P0L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P0L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P0L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P1L0 << END
1 2.55882e-10 0
2 2.85523e-10 0
3 3.46707e-10 0
4 3.82313e-10 0
5 3.62523e-10 0
6 3.00871e-10 0
END
$P1L1 << END
1 3.06793e-09 0
2 3.41876e-09 0
3 4.15835e-09 0
4 4.60514e-09 0
5 4.33873e-09 0
6 3.62821e-09 0
END
$P1L2 << END
1 3.32406e-09 0
2 3.71304e-09 0
3 4.51429e-09 0
4 4.98026e-09 0
5 4.69185e-09 0
6 3.91041e-09 0
END
unset label
unset object
set lmargin at screen 0.3054
set rmargin at screen 0.4886
set tmargin at screen 0.8143
set bmargin at screen 0.6266
set title 'nop' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-10:1e-08]
plot $P1L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P1L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P1L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P2L0 << END
1 4.40406e-10 0
2 4.92412e-10 0
3 5.96239e-10 0
4 6.60098e-10 0
5 6.20748e-10 0
6 5.20362e-10 0
END
$P2L1 << END
1 9.67719e-09 0
2 1.08077e-08 0
3 1.30973e-08 0
4 1.45121e-08 0
5 1.36705e-08 0
6 1.14187e-08 0
END
$P2L2 << END
1 9.71138e-09 0
2 1.08359e-08 0
3 1.31666e-08 0
4 1.4582e-08 0
5 1.37208e-08 0
6 1.14616e-08 0
END
unset label
unset object
set lmargin at screen 0.5469
set rmargin at screen 0.7301
set tmargin at screen 0.8143
set bmargin at screen 0.6266
set title 'cpu.float' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-10:1e-07]
plot $P2L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P2L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P2L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P3L0 << END
1 3.28354e-10 0
2 3.65488e-10 0
3 4.43502e-10 0
4 4.90919e-10 0
5 4.63085e-10 0
6 3.86978e-10 0
END
$P3L1 << END
1 3.01873e-09 0
2 3.36685e-09 0
3 4.082e-09 0
4 4.51493e-09 0
5 4.26528e-09 0
6 3.56015e-09 0
END
$P3L2 << END
1 3.03124e-09 0
2 3.39267e-09 0
3 4.12404e-09 0
4 4.53714e-09 0
5 4.29456e-09 0
6 3.57594e-09 0
END
unset label
unset object
set lmargin at screen 0.7884
set rmargin at screen 0.9716
set tmargin at screen 0.8143
set bmargin at screen 0.6266
set title 'cpu.int' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-10:1e-08]
plot $P3L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P3L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P3L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P4L0 << END
1 7.61035e-08 0
2 8.49194e-08 0
3 1.02945e-07 0
4 1.13928e-07 0
5 1.07825e-07 0
6 8.95636e-08 0
END
$P4L1 << END
1 8.34801e-07 0
2 9.31222e-07 0
3 1.13223e-06 0
4 1.25194e-06 0
5 1.17788e-06 0
6 9.84597e-07 0
END
$P4L2 << END
1 8.39088e-07 0
2 9.35116e-07 0
3 1.1346e-06 0
4 1.25815e-06 0
5 1.18697e-06 0
6 9.90498e-07 0
END
unset label
unset object
set lmargin at screen 0.0639
set rmargin at screen 0.2472
set tmargin at screen 0.5401
set bmargin at screen 0.3523
set title 'cpu.syscall' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-08:1e-05]
plot $P4L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P4L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P4L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P5L0 << END
1 5.60582e-08 0
2 6.24951e-08 0
3 7.58207e-08 0
4 8.37774e-08 0
5 7.93623e-08 0
6 6.59429e-08 0
END
$P5L1 << END
1 1.00651e-06 0
2 1.12422e-06 0
3 1.36179e-06 0
4 1.511e-06 0
5 1.42366e-06 0
6 1.19014e-06 0
END
$P5L2 << END
1 2.28821e-05 0
2 2.5717e-05 0
3 3.11116e-05 0
4 3.43771e-05 0
5 3.25443e-05 0
6 2.69701e-05 0
END
unset label
unset object
set lmargin at screen 0.3054
set rmargin at screen 0.4886
set tmargin at screen 0.5401
set bmargin at screen 0.3523
set title 'exit.cpuid' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-08:0.0001]
plot $P5L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P5L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P5L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P6L0 << END
1 6.56757e-08 0
2 7.30425e-08 0
3 8.90581e-08 0
4 9.83115e-08 0
5 9.28674e-08 0
6 7.72625e-08 0
END
$P6L1 << END
1 2.03022e-07 0
2 2.26788e-07 0
3 2.75709e-07 0
4 3.04325e-07 0
5 2.87049e-07 0
6 2.39889e-07 0
END
$P6L2 << END
1 3.01009e-07 0
2 3.36094e-07 0
3 4.09524e-07 0
4 4.51737e-07 0
5 4.26153e-07 0
6 3.54795e-07 0
END
unset label
unset object
set lmargin at screen 0.5469
set rmargin at screen 0.7301
set tmargin at screen 0.5401
set bmargin at screen 0.3523
set title 'mem.chase' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-08:1e-06]
plot $P6L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P6L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P6L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P7L0 << END
1 3.8381e-07 0
2 4.29255e-07 0
3 5.19373e-07 0
4 5.76328e-07 0
5 5.42633e-07 0
6 4.5315e-07 0
END
$P7L1 << END
1 3.63686e-06 0
2 4.07115e-06 0
3 4.96196e-06 0
4 5.45748e-06 0
5 5.14721e-06 0
6 4.2988e-06 0
END
$P7L2 << END
1 1.46008e-05 0
2 1.62483e-05 0
3 1.97529e-05 0
4 2.17653e-05 0
5 2.05509e-05 0
6 1.72218e-05 0
END
unset label
unset object
set lmargin at screen 0.7884
set rmargin at screen 0.9716
set tmargin at screen 0.5401
set bmargin at screen 0.3523
set title 'mem.fault' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-07:0.0001]
plot $P7L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P7L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P7L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P8L0 << END
1 8.80327e-10 0
2 9.84339e-10 0
3 1.19421e-09 0
4 1.31941e-09 0
5 1.24385e-09 0
6 1.03655e-09 0
END
$P8L1 << END
1 4.84314e-09 0
2 5.38805e-09 0
3 6.5621e-09 0
4 7.23928e-09 0
5 6.84122e-09 0
6 5.69722e-09 0
END
$P8L2 << END
1 5.27855e-09 0
2 5.89274e-09 0
3 7.17503e-09 0
4 7.92805e-09 0
5 7.45783e-09 0
6 6.21663e-09 0
END
unset label
unset object
set lmargin at screen 0.0639
set rmargin at screen 0.2472
set tmargin at screen 0.2658
set bmargin at screen 0.0781
set title 'mem.stream' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-10:1e-08]
plot $P8L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P8L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P8L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P9L0 << END
1 0.000409571 0
2 0.000454864 0
3 0.000552439 0
4 0.000612053 0
5 0.000577244 0
6 0.000480199 0
END
$P9L1 << END
1 0.000692753 0
2 0.000775255 0
3 0.00093655 0
4 0.00104166 0
5 0.000977608 0
6 0.000816482 0
END
$P9L2 << END
1 0.00159086 0
2 0.00178143 0
3 0.00215996 0
4 0.00238552 0
5 0.00224266 0
6 0.0018752 0
END
unset label
unset object
set lmargin at screen 0.3054
set rmargin at screen 0.4886
set tmargin at screen 0.2658
set bmargin at screen 0.0781
set title 'io.fsync' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [0.0001:0.01]
plot $P9L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P9L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P9L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P10L0 << END
1 6.24339e-05 0
2 6.96399e-05 0
3 8.46316e-05 0
4 9.34183e-05 0
5 8.81197e-05 0
6 7.35635e-05 0
END
$P10L1 << END
1 0.000149972 0
2 0.000166723 0
3 0.000203277 0
4 0.000223287 0
5 0.000211249 0
6 0.00017684 0
END
$P10L2 << END
1 0.000406472 0
2 0.000453152 0
3 0.000549651 0
4 0.00060803 0
5 0.00057313 0
6 0.000479166 0
END
unset label
unset object
set lmargin at screen 0.5469
set rmargin at screen 0.7301
set tmargin at screen 0.2658
set bmargin at screen 0.0781
set title 'io.randread' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-05:0.001]
plot $P10L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P10L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P10L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
$P11L0 << END
1 1.67673e-05 0
2 1.8755e-05 0
3 2.27579e-05 0
4 2.50882e-05 0
5 2.366e-05 0
6 1.97364e-05 0
END
$P11L1 << END
1 0.000134341 0
2 0.00015018 0
3 0.000182297 0
4 0.000200603 0
5 0.000189375 0
6 0.000157859 0
END
$P11L2 << END
1 0.000185038 0
2 0.000206587 0
3 0.000250196 0
4 0.000277606 0
5 0.000261098 0
6 0.000217179 0
END
unset label
unset object
set lmargin at screen 0.7884
set rmargin at screen 0.9716
set tmargin at screen 0.2658
set bmargin at screen 0.0781
set title 'gpu.offload' font ',13' offset 0,-0.5
set logscale y 10
set ytics format '%.0s %cs'
set yrange [1e-05:0.001]
plot $P11L0 using 1:2 with linespoints pointtype 7 pointsize 0.8 linewidth 1.5 linecolor rgb '#444444' notitle, \
  $P11L1 using 1:2 with linespoints pointtype 5 pointsize 0.8 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  $P11L2 using 1:2 with linespoints pointtype 9 pointsize 0.8 linewidth 1.5 linecolor rgb '#E69F00' notitle
unset multiplot
