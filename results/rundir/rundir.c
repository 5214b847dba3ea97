/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/file.h"
#include "results/rundir/members.h"
#include "results/rundir/rows.h"

int rundir_path(const char *dir, const char *name, char path[RUNDIR_PATH], struct err *err)
{
	if (snprintf(path, RUNDIR_PATH, "%s/%s", dir, name) >= RUNDIR_PATH)
		return err_set(err, EXIT_USAGE, "the path %.60s…/%s is longer than %d characters",
			       dir, name, RUNDIR_PATH - 1);
	return 0;
}

static int check_empty(const char *path, struct err *err)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int rc = 0;

	if (!dir)
		return err_errno(err, EXIT_USAGE, "cannot look into the output directory %s", path);
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = err_set(err, EXIT_USAGE,
				     "the output directory %s exists and is not empty (it holds "
				     "\"%.64s\"); name a new one",
				     path, entry->d_name);
	closedir(dir);
	return rc;
}

int rundir_create(const char *path, struct err *err)
{
	bool there = access(path, F_OK) == 0;

	if (file_make_dirs(path, err) < 0)
		return err_context(err, "no output directory");
	/* Command lines and what programs said may hold secrets. */
	if (!there && chmod(path, 0700) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot close %s to others", path);
	if (check_empty(path, err) < 0)
		return -1;
	if (access(path, W_OK | X_OK) < 0)
		return err_errno(err, EXIT_USAGE, "cannot write into the output directory %s",
				 path);
	return 0;
}

int rundir_open(const char *path, struct err *err)
{
	char rows[RUNDIR_PATH];
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, EXIT_USAGE, "cannot open the run directory %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, EXIT_USAGE,
			       "%s is not a directory; name the directory of a run", path);
	if (rundir_path(path, ROWS_FILE, rows, err) < 0)
		return -1;
	if (stat(rows, &st) < 0)
		return err_errno(err, EXIT_USAGE,
				 "%s is not a run directory: it has no readable " ROWS_FILE, path);
	return 0;
}

/* ---- the manifest; manifest_json.c reads and writes it ---- */

static const char *const state_names[] = {
	[RUN_RUNNING] = "running",
	[RUN_COMPLETE] = "complete",
	[RUN_INTERRUPTED] = "interrupted",
};
enum { STATES = sizeof(state_names) / sizeof(state_names[0]) };

const char *run_state_name(enum run_state s)
{
	return (unsigned)s < STATES ? state_names[s] : "unknown";
}

void manifest_now(char text[MANIFEST_TIME])
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(text, MANIFEST_TIME, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

int manifest_set_command(struct manifest *m, const char *const argv[], struct err *err)
{
	char **copy = member_words_copy(argv);

	if (!copy)
		return err_set(err, EXIT_INTERNAL, "out of memory for the manifest");
	member_words_free(m->command);
	m->command = copy;
	return 0;
}

int manifest_add_job(struct manifest *m, const char *workload, const char *params, uint32_t threads,
		     struct err *err)
{
	struct manifest_job *job = array_grow(m->job, m->jobs, sizeof(*job));

	if (!job)
		goto fail;
	m->job = job;
	job += m->jobs;
	job->workload = strdup(workload);
	job->params = strdup(params);
	job->threads = threads;
	job->ops = 0;
	if (job->workload && job->params) {
		m->jobs++;
		return 0;
	}
	free(job->workload);
	free(job->params);
fail:
	return err_set(err, EXIT_INTERNAL, "out of memory for the manifest");
}

void manifest_release(struct manifest *m)
{
	member_words_free(m->command);
	for (size_t i = 0; i < m->jobs; i++) {
		free(m->job[i].workload);
		free(m->job[i].params);
	}
	free(m->job);
	facts_release(&m->versions);
	facts_release(&m->hashes);
	facts_release(&m->more);
	json_decref(m->unknown);
	*m = (struct manifest){0};
}
