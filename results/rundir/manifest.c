/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/rundir.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

int manifest_set_command(struct manifest *m, const char *const argv[], struct err *err)
{
	size_t count = 0;
	char **copy;

	while (argv[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		goto fail;
	for (size_t i = 0; i < count; i++)
		if (!(copy[i] = strdup(argv[i])))
			goto fail;
	free_words(m->command);
	m->command = copy;
	return 0;
fail:
	free_words(copy);
	return err_set(err, EXIT_INTERNAL, "out of memory for the manifest");
}

int manifest_add_job(struct manifest *m, const char *workload, const char *params, uint32_t threads,
		     struct err *err)
{
	struct manifest_job *job = realloc(m->job, (m->jobs + 1) * sizeof(*job));

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
	free_words(m->command);
	for (size_t i = 0; i < m->jobs; i++) {
		free(m->job[i].workload);
		free(m->job[i].params);
	}
	free(m->job);
	facts_release(&m->versions);
	facts_release(&m->hashes);
	facts_release(&m->more);
	json_decref(m->unknown);
	*m = (struct manifest)MANIFEST_INIT;
}
