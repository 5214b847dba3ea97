# SPDX-License-Identifier: GPL-3.0-or-later
# Memory latency against the size of the working set: the steps are the sizes of each layer's caches.
#   gnuplot -c latency.gp RUN-DIR [OUT.png|OUT.svg|OUT.pdf]
name = 'latency'; run = ARG1; out = ARG2; form = ARG3; here = ARG0
while (here ne '' && here[strlen(here):] ne '/') { here = here[:strlen(here) - 1] }
load here.'style.gp'

title = 'Memory against the working set'
x_text(x) = x < 2 ** 20 ? sprintf('%g KiB', x / 2 ** 10) : x < 2 ** 30 ? sprintf('%g MiB', x / 2 ** 20) : \
	sprintf('%g GiB', x / 2 ** 30)
y_format = '%.0s %cs'
load here.'sweep.gp'
