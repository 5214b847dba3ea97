/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do first: without a command, on a terminal. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/cleanup/owners.h"
#include "bench/help/help.h"
#include "lib/file.h"
#include "lib/printable.h"
#include "lib/streams.h"
#include "lib/str.h"
#include "lib/wrap.h"
#include "results/rundir/rundir.h"

#define RUNS "nestbench-runs"

/* Of the run directory whose manifest was written last. "": there is none. */
static void find_newest(char newest[RUNDIR_PATH])
{
	DIR *runs = file_dir("%s", RUNS);
	struct timespec latest = {0};
	const char *name;

	newest[0] = '\0';
	while ((name = file_dir_next(runs))) {
		char dir[RUNDIR_PATH], path[RUNDIR_PATH];
		struct err ignored;
		struct stat st;

		if (rundir_path(RUNS, name, dir, &ignored) < 0 ||
		    rundir_path(dir, MANIFEST_FILE, path, &ignored) < 0 || stat(path, &st) < 0)
			continue;
		if (newest[0] &&
		    (st.st_mtim.tv_sec < latest.tv_sec ||
		     (st.st_mtim.tv_sec == latest.tv_sec && st.st_mtim.tv_nsec < latest.tv_nsec)))
			continue;
		latest = st.st_mtim;
		str_copy(newest, RUNDIR_PATH, dir);
	}
	file_dir_close(runs);
}

static void add(const char *command, const char *dir, const char *what, struct buf *out)
{
	struct buf line = BUF_INIT;

	buf_addf(&line, "nestbench %s%s%s", command, dir[0] ? " " : "", dir);
	help_row(tty_text_width(1), 24, buf_str(&line), what, out);
	buf_done(&line, out);
}

static void add_newest(struct buf *out)
{
	struct manifest m = {0};
	char dir[RUNDIR_PATH];
	struct err ignored;

	find_newest(dir);
	if (!dir[0] || manifest_load(dir, &m, &ignored) < 0) {
		add("report", RUNS "/RUN", "then: tables and pictures of a run as one page", out);
		return;
	}
	if (registry_dir_in_use(dir))
		add("top", printable(dir), "look at the run that is under way", out);
	else if (m.state == RUN_COMPLETE)
		add("report", printable(dir), "the newest run: tables and pictures as one page",
		    out);
	else
		add("resume", printable(dir), "the newest run was interrupted: complete it", out);
	manifest_release(&m);
}

void help_first(struct buf *out)
{
	text_wrap(out, "", "nestbench measures what every layer of virtualization costs.",
		  tty_text_width(1));
	buf_addstr(out, "\n");
	add("doctor", "", "can this machine nest VMs, and what is missing?", out);
	add("run", "", "measure L0, L1 and L2: about two minutes", out);
	add_newest(out);
	buf_addstr(out, "\n");
	add("help", "", "all commands and topics", out);
}
