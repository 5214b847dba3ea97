/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/help/help.h"

#include <stdio.h>
#include <string.h>

#include "bench/config/config.h"
#include "bench/link/evidence_message.h"
#include "bench/plan/profile.h"
#include "drivers/driver.h"
#include "lib/environment.h"
#include "lib/streams.h"
#include "lib/wrap.h"
#include "plots/plot.h"
#include "plots/report/report.h"
#include "results/rundir/exits.h"
#include "results/rundir/layers.h"
#include "results/summary/summary.h"

static void add_text(size_t width, const char *text, struct buf *out)
{
	text_wrap(out, "", text, width);
}

/* ---- layers ---- */

static void add_driver(const struct driver *d, size_t width, struct buf *out)
{
	help_row(width, 10, d->name, d->summary, out);
	for (const struct option *o = d->options; o && o->name; o++) {
		struct buf name = BUF_INIT, help = BUF_INIT;

		buf_addf(&name, "  %s=%s", o->name, o->arg);
		buf_addf(&help, "%s%s%s%s", o->help, o->fallback ? " (default: " : "",
			 o->fallback ? o->fallback : "", o->fallback ? ")" : "");
		help_row(width, 24, buf_str(&name), buf_str(&help), out);
		buf_done(&name, out);
		buf_done(&help, out);
	}
}

static void add_layers(size_t width, struct buf *out)
{
	add_text(width,
		 "L0 is the machine itself, L1 a layer in it, L2 one in that. --depth N starts so "
		 "many VMs in one another. --layers A/B/C names the kind of each layer, the "
		 "machine's (bare) may be left out; an option of a kind follows a colon, several "
		 "are parted by commas: kvm:accel=tcg/container. Given several times, all these "
		 "chains are up at once and compared in the same rounds.",
		 out);
	buf_addstr(out, "\n");
	help_heading(1, "Kinds and their options", out);
	for (int i = 0; drivers[i]; i++)
		add_driver(drivers[i], width, out);
	buf_addstr(out, "\n");
	add_text(width,
		 "nestbench doctor --layers A/B/C says whether these can be started here and what "
		 "stands in the way; nestbench doctor --matrix, which kind can stand in which.",
		 out);
}

/* ---- workloads ---- */

static void add_class(int class, size_t width, struct buf *out)
{
	struct buf names = BUF_INIT;

	for (const struct workload *const *w = workloads; *w; w++)
		if ((int)(*w)->class == class)
			buf_addf(&names, "%s%s", names.len ? " " : "", (*w)->name);
	if (names.len)
		help_row(width, 9, class_name(class), buf_str(&names), out);
	buf_done(&names, out);
}

static void add_workloads(size_t width, struct buf *out)
{
	add_text(
		width,
		"--workloads NAME picks what is measured, a shell pattern such as 'mem.*' picks "
		"several; it may be given several times. Parameters stand behind the name: "
		"--workloads 'mem.chase size=1MiB pages=huge threads=2'. --command LINE measures a "
		"command of yours.",
		out);
	buf_addstr(out, "\n");
	help_heading(1, "Workloads by class", out);
	for (int class = 0; class < CLASS_COUNT; class ++)
		add_class(class, width, out);
	buf_addstr(out, "\n");
	add_text(width,
		 "nestbench list NAME says what one operation of it is, its parameters with their "
		 "ranges and defaults, and which published figure it corresponds to.",
		 out);
}

/* ---- profiles ---- */

/* The one before it in the order of thoroughness; NULL: none is. */
static const struct profile *lesser(size_t i)
{
	const struct profile *p = profile_at(i);

	return i && p->id != PROFILE_KINDS ? profile_at(i - 1) : NULL;
}

static void add_profile(size_t i, size_t width, struct buf *out)
{
	const struct profile *p = profile_at(i), *before = lesser(i);
	struct buf text = BUF_INIT;
	char time[SIZE_TEXT];

	buf_addf(&text, "%u rounds of %u batches of at least %s%s%s:", (unsigned)p->rounds,
		 (unsigned)p->batches, format_duration_short((double)p->batch_ns, time),
		 before ? "; also, or with more parameters than " : "", before ? before->name : "");
	for (const struct workload *const *w = workloads; *w; w++) {
		const char *const *items = workload_items(*w, p->id);

		if (items && (!before || items != workload_items(*w, before->id)))
			buf_addf(&text, " %s", (*w)->name);
	}
	help_row(width, 9, p->name, buf_str(&text), out);
	buf_done(&text, out);
}

static void add_profiles(size_t width, struct buf *out)
{
	add_text(width,
		 "A profile says which workloads are measured, and how often. --rounds, --batches, "
		 "--batch-time and --workloads change that; --budget TIME chooses rounds and "
		 "batches for the narrowest intervals in that time.",
		 out);
	buf_addstr(out, "\n");
	help_heading(1, "Profiles", out);
	for (size_t i = 0; profile_at(i); i++)
		add_profile(i, width, out);
}

/* ---- exit codes ---- */

static void add_exit_codes(size_t width, struct buf *out)
{
	for (const struct exit_meaning *e = exit_meanings; e->meaning; e++) {
		char code[16];

		snprintf(code, sizeof(code), "%3d", (int)e->code);
		help_row(width, 4, code, e->meaning, out);
	}
	buf_addstr(out, "\n");
	add_text(width,
		 "What went wrong is said in one sentence on standard error, data are on standard "
		 "output. Without a command nestbench says what to do first: on a terminal that is "
		 "all that was asked for (0), elsewhere wrong usage (2).",
		 out);
}

/* ---- environment ---- */

static void add_rules(size_t width, bool removed, bool recorded, struct buf *out)
{
	struct environment_rule rule;

	for (size_t i = 0; environment_rule(i, &rule); i++) {
		struct buf names = BUF_INIT;

		if (rule.removed != removed || rule.recorded != recorded)
			continue;
		for (const char *const *name = rule.names; *name; name++)
			buf_addf(&names, "%s%s", name == rule.names ? "" : " ", *name);
		help_row(width, 22, buf_str(&names), rule.why, out);
		buf_done(&names, out);
	}
}

static void add_environment(size_t width, struct buf *out)
{
	add_text(width,
		 "Layers have the same environment, whatever the user's is: variables that are not "
		 "listed here, too, are removed when nestbench starts, without a word.",
		 out);
	buf_addstr(out, "\n");
	help_heading(1, "Obeyed", out);
	add_rules(width, false, false, out);
	buf_addstr(out, "\n");
	help_heading(1, "Obeyed, and recorded in layers.csv", out);
	add_rules(width, false, true, out);
	buf_addstr(out, "\n");
	help_heading(1, "Removed, which doctor and run say", out);
	add_rules(width, true, false, out);
}

/* ---- files ---- */

const struct help_file help_run_files[] = {
	{MANIFEST_FILE, "command line, seed, plan, versions, hashes, and whether it is complete"},
	{ROWS_FILE, "every measured batch, appended as it comes and never changed"},
	{LAYERS_FILE, "the environment of each layer of each boot"},
	{EXITS_FILE, "exits and other counters of the batches"},
	{EVIDENCE_DIR "/", "what a layer that was lost left behind"},
	{SUMMARY_FILE, "made by run and summary: a row for each workload and layer"},
	{CLASSES_FILE, "the same for each class, with the verdict"},
	{PLOTS_DIR "/", "made by run and plot: SVG, PNG, and their data as TSV"},
	{REPORT_FILE, "made by report: one page with all of it"},
	{0},
};

const struct help_file help_user_files[] = {
	{CONFIG_LOCAL,
	 "defaults of options, and own profiles, for this directory; nestbench config "
	 "shows them"},
	{"$XDG_CONFIG_HOME/nestbench/", "config.ini: the same for all directories (else "
					"~/.config)"},
	{"$XDG_CACHE_HOME/nestbench/", "guest images, what libvirt found out about QEMU, and which "
				       "layers have run here (else ~/.cache)"},
	{"$XDG_STATE_HOME/nestbench/", "history.db (else ~/.local/state)"},
	{"$XDG_RUNTIME_DIR/nestbench-*/",
	 "sockets and logs while a run is under way (else in /tmp); "
	 "nestbench clean removes what killed runs left"},
	{0},
};

static void add_files(size_t width, struct buf *out)
{
	help_heading(1, "In a run directory, nestbench-runs/TIME-HOST or that of --out", out);
	for (const struct help_file *f = help_run_files; f->name; f++)
		help_row(width, 14, f->name, f->what, out);
	buf_addstr(out, "\n");
	help_heading(1, "Elsewhere", out);
	for (const struct help_file *f = help_user_files; f->name; f++)
		help_row(width, 30, f->name, f->what, out);
}

const struct topic topics[] = {
	{"layers", "the kinds of layers and their options", add_layers},
	{"workloads", "what can be measured", add_workloads},
	{"profiles", "how much is measured, and how often", add_profiles},
	{"exit-codes", "what the exit codes mean", add_exit_codes},
	{"environment", "variables that are obeyed, recorded or removed", add_environment},
	{"files", "what is in a run directory, and what lies elsewhere", add_files},
	{0},
};
