/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run directories: what holds a manifest or rows. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/completion/runs.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

#define RUNS_DIR "nestbench-runs"

static bool exists(const char *dir, const char *name, bool as_dir)
{
	char path[PATH_MAX];
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
	       (!as_dir || S_ISDIR(st.st_mode));
}

static bool is_run(const char *dir)
{
	return exists(dir, MANIFEST_FILE, false) || exists(dir, ROWS_FILE, false);
}

/* One entry of the directory `from`, which the user calls `called`: "" or with a slash behind. */
static void offer_entry(struct offers *o, const char *from, const char *called, const char *name)
{
	char path[PATH_MAX], word[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", from, name);

	if (len < 0 || (size_t)len >= sizeof(path) || !exists(path, ".", true))
		return;
	len = snprintf(word, sizeof(word), "%s%s", called, name);
	if (len < 0 || (size_t)len >= sizeof(word))
		return;
	if (is_run(path))
		offers_add(o, word, "", NULL);
	else
		offers_add(o, word, "/", NULL);
}

/* Hidden ones only where the user begins with a dot. */
static void offer_entries(struct offers *o, const char *from, const char *called, bool hidden,
			  const char *except)
{
	DIR *dir = opendir(from);

	for (struct dirent *e; dir && (e = readdir(dir));)
		if ((e->d_name[0] != '.' || hidden) && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, except) != 0)
			offer_entry(o, from, called, e->d_name);
	if (dir)
		closedir(dir);
}

/* The directory of what is typed; a shell expands a tilde only later. */
static void directory_of(const char *typed, size_t len, char path[PATH_MAX])
{
	const char *home = getenv("HOME");

	if (len == 0)
		snprintf(path, PATH_MAX, ".");
	else if (typed[0] == '~' && typed[1] == '/' && home)
		snprintf(path, PATH_MAX, "%s%.*s", home, (int)len - 1, typed + 1);
	else
		snprintf(path, PATH_MAX, "%.*s", (int)len, typed);
}

void offer_runs(struct offers *o)
{
	const char *typed = offers_typed(o), *slash = strrchr(typed, '/');
	const char *base = slash ? slash + 1 : typed;
	char called[PATH_MAX], path[PATH_MAX];
	size_t len = (size_t)(base - typed);

	o->by = OFFERS_PATHS;
	if (len >= sizeof(called))
		return;
	snprintf(called, sizeof(called), "%.*s", (int)len, typed);
	directory_of(typed, len, path);
	offer_entries(o, path, called, base[0] == '.', len ? "" : RUNS_DIR);
	/* Where runs go when nothing else is said. */
	if (!len)
		offer_entries(o, RUNS_DIR, RUNS_DIR "/", false, "");
}
