# SPDX-License-Identifier: GPL-3.0-or-later
# Total rate against concurrency: threads, copies and sibling VMs.
#   gnuplot -c concurrency.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'concurrency'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Under concurrency: total rate against how many run at once'
x_text(x) = sprintf('%g', x)
y_format = '%.0s%c/s'
load here.'sweep.gp'
