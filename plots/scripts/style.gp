# SPDX-License-Identifier: GPL-3.0-or-later
# What all pictures share: colours, the data file and its texts about the run. A script sets name, run, out, form and
# here, and loads this file.
#
# The data file is separated by tabs. Its first lines ("# run", "# warning", "# L0" ...) are texts, then come the names
# of the columns. Nothing in it is ever executed as a command.
set encoding utf8
if (run eq '') { exit error 'the run directory is missing: gnuplot -c '.name.'.gp RUN-DIR [OUT.png]' }
if (out eq '') { out = name.'.png' }
if (form eq '') { form = out[strlen(out) - 2:] }
data = strlen(run) > 4 && run[strlen(run) - 3:] eq '.tsv' ? run : run.'/plots/'.name.'.tsv'
# A path that begins with "<" or "|" would be a command.
if (data[1:1] ne '/') { data = './'.data }
if (out[1:1] ne '/') { out = './'.out }

# Okabe and Ito's colours, which colour-blind readers can tell apart; a point type and a pattern for each layer as well.
# Deeper layers reuse the lists from L1 on.
array COLOURS = ['#444444', '#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8C6D00', '#7A4FBF', '#222222']
array POINTS = [7, 5, 9, 13, 11, 15, 4, 8, 12, 10]
array PATTERNS = [3, 3, 4, 2, 5, 1, 3, 4, 2, 5]
array SERIES = ['#D55E00', '#0072B2', '#009E73', '#CC79A7', '#8C6D00', '#444444', '#56B4E9', '#7A4FBF']
place(layer) = layer > 0 ? 2 + (int(layer) - 1) % 9 : 1
colour(layer) = COLOURS[place(layer)]
point(layer) = POINTS[place(layer)]
pattern(layer) = PATTERNS[place(layer)]
series(i) = SERIES[1 + int(i) % 8]
INK = '#222222'
FAINT = '#666666'
PALE = '#888888'
DARK = '#444444'
WARNING = '#B03A00'
RULE = '#AAAAAA'
THIN = '#C8C8C8'
GRID = '#E4E4E4'

# Converts pixels from the left and from the top of a picture of W by H to gnuplot's screen coordinates.
X(pixels) = 1.0 * pixels / W
Y(pixels) = 1 - 1.0 * pixels / H
TOP = 148  # height of title, subtitles and key

least(a, b) = a < b ? a : b
most(a, b) = a > b ? a : b
# The rows of the key of a picture of W pixels that begins with layer k at x; and what those beyond `allowed` need.
taken_by(k) = 50 + 9.5 * strlen(L[k + 1])
key_rows(k, x, n) = k >= layers ? n : x + taken_by(k) > W ? key_rows(k + 1, 36 + taken_by(k), n + 1) : \
	key_rows(k + 1, x + taken_by(k), n)
room(allowed) = key eq '' ? 0 : 20 * most(0, key_rows(first, 36, 1) - allowed)
# Replaces the middle of a longer text: "a...z".
fit(text, n) = strlen(text) <= n ? text : \
	substr(text, 1, n - 3 - (n - 3) / 2).'...'.substr(text, strlen(text) - (n - 3) / 2 + 1, strlen(text))

# Columns by name. An unknown value is NaN, whose point is not drawn: or() replaces it.
c(name) = column(name)
has(name) = strcol(name) ne 'NaN'
or(name, other) = has(name) ? c(name) : other
# A factor that keeps only the rows of one layer, or one panel.
of(name, value) = c(name) == value ? 1 : NaN
only(condition) = condition ? 1 : NaN
# Of labels: gnuplot 5.4 crashes where a single point is undefined.
when(condition, text) = condition ? text : ''

# The texts. L[k + 1] says what layer k is; short(k) is its name.
array L[64]
array NAME[64]
layers = 0
named = 0
widest_name = 2
short(k) = named > k ? NAME[int(k) + 1] : sprintf('L%d', k)
# The same in lines, broken behind ":" and "/".
break_at(text, i) = i > 0 ? text[1:i]."\n".lines_of(text[i + 1:strlen(text)]) : text
first_of(a, b) = a > 0 && (b == 0 || a < b) ? a : b
lines_of(text) = break_at(text, first_of(strstrt(text, ':'), strstrt(text, '/')))
add_name(text) = (named = named + 1, NAME[named] = text, widest_name = widest_name > strlen(text) ? widest_name : strlen(text))
run_line = ''
warning_line = ''
remark = ''
unit = ''
note(key, text) = key eq '# run' ? (run_line = text) : key eq '# warning' ? (warning_line = text) : \
	key eq '# remark' ? (remark = text) : key eq '# title' ? (title = text) : key eq '# unit' ? (unit = text) : key eq '# name' ? add_name(text) : strstrt(key, '# L') == 1 ? (layers = layers + 1, L[layers] = text) : ''
set datafile separator tab
set datafile commentschars "\001"
stats data using (note(strcol(1), strcol(2)), 0) nooutput
if (!exists('STATS_records')) { exit error data.' cannot be read; nestbench plot RUN-DIR writes it' }
set datafile commentschars '#'
set datafile columnheaders
