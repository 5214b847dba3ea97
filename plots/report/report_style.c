/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The style sheet of the report: light and dark as the reader has it, readable on a phone, and on
 * paper. The colours of the layers are those of the pictures; what is dark in a picture of gnuplot
 * is turned by its colour, so that one picture serves both.
 */
#include "plots/report/report_parts.h"

const char report_style[] =
	":root{color-scheme:light dark;--bg:#fff;--ink:#1d2126;--faint:#5d6570;--line:#dde2e8;"
	"--panel:#f5f7f9;--warn:#a13a00;--warnbg:#fff4ec;--link:#0b5cad;--good:#0b6e4f;--goodbg:#"
	"e3f5ee;"
	"--bad:#a3123f;--badbg:#fde8ee;--c0:#444;--c1:#0072b2;--c2:#e69f00;--c3:#009e73;--c4:#"
	"cc79a7;"
	"--c5:#56b4e9;--c6:#d55e00;--c7:#8c6d00;--c8:#7a4fbf;--rule:#c8c8c8}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#14171b;--ink:#e7e9ec;--faint:#a0a9b4;"
	"--line:#323941;--panel:#1c2127;--warn:#ffb088;--warnbg:#36211a;--link:#7fbcff;--good:#"
	"7fdcbb;"
	"--goodbg:#12352a;--bad:#ff9db6;--badbg:#3d1823;--c0:#b4bbc4;--c1:#4aa8e8;--c2:#f0b23c;"
	"--c3:#2fc79a;--c4:#e29cc4;--c5:#8ccbf2;--c6:#ff8c42;--c7:#d3b24a;--c8:#b79af0;--rule:#"
	"59626c}}\n"
	"*{box-sizing:border-box}html{scroll-behavior:auto}\n"
	"body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.55 "
	"system-ui,-apple-system,"
	"'Segoe UI',Roboto,'DejaVu Sans',sans-serif;-webkit-text-size-adjust:100%}\n"
	"main{max-width:64rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}\n"
	"a{color:var(--link)}h1,h2,h3{line-height:1.2;text-wrap:balance}\n"
	"h1{font-size:2.1rem;margin:.1rem 0 .4rem;letter-spacing:-.02em}\n"
	"h2{font-size:1.45rem;margin:3rem 0 .8rem;letter-spacing:-.01em;scroll-margin-top:3.5rem}\n"
	"h3{font-size:1.1rem;margin:0 0 .5rem}article{scroll-margin-top:3.5rem}\n"
	".brand{margin:0;color:var(--faint);font-weight:600;font-size:.85rem;letter-spacing:.04em}"
	"\n"
	".meta,.note,caption{color:var(--faint);font-size:.9rem}.meta{margin:.2rem 0 1rem}\n"
	".note{margin:.3rem 0 .8rem}.warnish{color:var(--warn)}\n"
	".warn{background:var(--warnbg);color:var(--warn);border-left:4px solid "
	"var(--warn);margin:.5rem 0;"
	"padding:.5rem .8rem;border-radius:0 6px 6px 0}\n"
	"nav{position:sticky;top:0;z-index:1;display:flex;gap:1.2rem;overflow-x:auto;background:"
	"var(--bg);"
	"border-bottom:1px solid var(--line);padding:.7rem 0;margin-top:1rem;font-size:.92rem;"
	"white-space:nowrap}nav a{text-decoration:none}nav a:hover{text-decoration:underline}\n"
	".answer{font-size:1.2rem;font-weight:600;margin:.2rem 0 1.2rem}\n"
	"ul{padding-left:1.2rem;margin:.5rem 0 1rem}li{margin:.2rem 0}\n"
	"article{border:1px solid var(--line);border-radius:10px;padding:1rem 1.1rem;margin:1rem 0;"
	"background:var(--bg)}\n"
	".verdict{margin:.2rem 0 .4rem;font-weight:600}.why{margin:.5rem 0;max-width:46rem}\n"
	".scroll{overflow-x:auto;margin:.6rem 0}.scroll:focus-visible{outline:2px solid "
	"var(--link)}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-"
	"nums}\n"
	"caption{text-align:left;padding:0 0 .35rem;font-size:.85rem}\n"
	"th,td{text-align:left;padding:.32rem .7rem .32rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}thead th{color:var(--faint);font-weight:600}tbody th{font-weight:600}\n"
	"th.n,td.n{text-align:right;white-space:nowrap}tr>:last-child{padding-right:.2rem}\n"
	"td.mark{color:var(--warn);font-weight:600}td{overflow-wrap:anywhere}"
	"th{overflow-wrap:normal}\n"
	".hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n"
	".shares{margin:.5rem 0 1rem}.shares th,.shares td{border:0;padding-top:.14rem;"
	"padding-bottom:.14rem;vertical-align:middle}\n"
	".shares tr.first>*{border-top:1px solid var(--line);padding-top:.6rem}"
	".shares tr:has(+.first)>*,.shares tr:last-child>*{padding-bottom:.6rem}\n"
	".shares th[rowspan]{width:10.5rem;vertical-align:top;font-size:1rem;padding-bottom:.6rem}"
	".shares th[rowspan] a{color:var(--ink);text-decoration:none;margin-right:.6rem}\n"
	".shares .l{width:2.2rem;color:var(--faint);font-weight:400}.shares .n{width:12.5rem}\n"
	".track div{position:relative;height:1.05rem;background:var(--panel);border-radius:3px}"
	".bar{display:block;height:100%;min-width:2px;border-radius:3px}\n"
	".c1{background:var(--c1)}.c2{background:var(--c2)}.c3{background:var(--c3)}.c4{background:"
	"var(--c4)}"
	".c5{background:var(--c5)}\n"
	".bar.beyond{clip-path:polygon(0 0,calc(100% - .7rem) 0,100% 50%,calc(100% - .7rem) 100%,0 "
	"100%)}\n"
	".whisker{position:absolute;top:50%;height:2px;margin-top:-1px;background:var(--ink);"
	"opacity:.75}\n"
	".pill{display:inline-block;font-size:.78rem;font-weight:600;padding:.1rem "
	".5rem;border-radius:99px;"
	"white-space:nowrap}.holds{background:var(--goodbg);color:var(--good)}"
	".fails{background:var(--badbg);color:var(--bad)}.open,.none{background:var(--panel);"
	"color:var(--faint)}\n"
	"figure{margin:1.2rem 0}figcaption{font-size:.9rem;color:var(--faint);margin-top:.3rem}\n"
	".picture{overflow-x:auto}.picture "
	"svg{display:block;width:100%;min-width:44rem;height:auto}\n"
	".strip{display:block;width:100%;max-width:40rem;height:auto;font-size:11px;margin:.3rem 0 "
	".2rem}\n"
	".strip text{fill:var(--faint)}.strip .grid{stroke:var(--line)}.strip g{fill:var(--k);"
	"stroke:var(--k)}.strip g text{stroke:none;fill:var(--ink)}\n"
	".strip circle{fill-opacity:.5;stroke:none}.strip .suspect{fill:none;stroke:var(--warn);"
	"stroke-width:1.4}.strip .range{fill-opacity:.18;stroke:none}.strip "
	".median{stroke-width:2.5}\n"
	".s0{--k:var(--c0)}.s1{--k:var(--c1)}.s2{--k:var(--c2)}.s3{--k:var(--c3)}.s4{--k:var(--c4)}"
	".s5{--k:var(--c5)}\n"
	"summary{cursor:pointer;color:var(--link);font-size:.9rem;padding:.2rem 0}\n"
	".picture text{stroke:none}\n"
	"@media (max-width:40rem){main{padding:1rem .9rem "
	"3rem}h1{font-size:1.6rem}h2{font-size:1.25rem}"
	"article{padding:.8rem}.shares,.shares tbody,.shares caption{display:block}"
	".shares tr{display:grid;grid-template-columns:1.9rem 1fr auto;align-items:center}"
	".shares th[rowspan]{grid-column:1/-1;width:auto;padding-bottom:.2rem}.shares "
	".n{width:8.8rem;"
	"font-size:.8rem}.shares .n{white-space:normal}.shares .l,.shares "
	"td{border-top:0!important}.shares tr.first>.l,"
	".shares tr.first>td{padding-top:.14rem}}\n"
	"@media "
	"print{:root{color-scheme:light}body{font-size:10pt}nav{display:none}main{max-width:none;"
	"padding:0}article,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}"
	".picture "
	"svg{min-width:0}.scroll,.picture{overflow:visible}a{color:inherit;text-decoration:none}"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	"details::details-content{content-visibility:visible;display:block;height:auto}}\n"
/* A colour of a picture, in each way in which gnuplot writes it, becomes one of the page. */
/* clang-format off */
#define TURN(gap, rgb, name)                                                                       \
	".picture [fill=\"rgb(" rgb ")\"],.picture [fill=\"rgb(" gap ")\"],"                      \
	".picture [style*=\"fill:rgb(" rgb ")\"]"                                                  \
	"{fill:var(--" name ")!important}"                                                         \
	".picture [stroke=\"rgb(" gap ")\"],.picture [style*=\"stroke:rgb(" rgb ")\"]"              \
	"{stroke:var(--" name ")!important}"                                                       \
	".picture [color=\"rgb(" gap ")\"]{color:var(--" name ")}\n"
	TURN(" 34,  34,  34", "34,34,34", "ink")
	TURN(" 68,  68,  68", "68,68,68", "c0")
	TURN("102, 102, 102", "102,102,102", "faint")
	TURN("136, 136, 136", "136,136,136", "faint")
	TURN("176,  58,   0", "176,58,0", "warn")
	TURN("228, 228, 228", "228,228,228", "line")
	TURN("200, 200, 200", "200,200,200", "rule")
	TURN("170, 170, 170", "170,170,170", "rule")
	TURN("  0, 114, 178", "0,114,178", "c1")
	TURN("230, 159,   0", "230,159,0", "c2")
	TURN("  0, 158, 115", "0,158,115", "c3")
	TURN("204, 121, 167", "204,121,167", "c4")
	TURN(" 86, 180, 233", "86,180,233", "c5")
	TURN("213,  94,   0", "213,94,0", "c6")
	TURN("140, 109,   0", "140,109,0", "c7")
	TURN("122,  79, 191", "122,79,191", "c8")
	".picture [fill=\"black\"]{fill:var(--ink)}.picture [stroke=\"black\"]{stroke:var(--ink)}\n"
	".picture [color=\"black\"]{color:var(--ink)}\n";
/* clang-format on */
