/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/rerun_argv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plan/profile.h"
#include "bench/run/version.h"
#include "lib/printable.h"
#include "results/rundir/params.h"

/* ---- words ---- */

int words_add(struct words *w, struct err *err, const char *fmt, ...)
{
	char **items = realloc(w->item, (w->count + 2) * sizeof(*items)), *word = NULL;
	va_list args;
	int len;

	if (items)
		w->item = items;
	va_start(args, fmt);
	len = vasprintf(&word, fmt, args);
	va_end(args);
	if (!items || len < 0) {
		if (len >= 0)
			free(word);
		return err_set(err, EXIT_INTERNAL, "out of memory for a command line");
	}
	w->item[w->count++] = word;
	w->item[w->count] = NULL;
	return 0;
}

void words_release(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->item[i]);
	free(w->item);
	*w = (struct words)WORDS_INIT;
}

/* What is no text, or does more to a terminal than stand in a line. */
static void add_bytes(struct buf *out, const char *word)
{
	buf_addstr(out, "$'");
	for (; *word; word++)
		if (*word < ' ' || *word > '~' || *word == '\'' || *word == '\\')
			buf_addf(out, "\\%03o", (unsigned char)*word);
		else
			buf_add(out, word, 1);
	buf_addstr(out, "'");
}

void words_format(const struct words *w, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_=./:,+@%";

	for (size_t i = 0; i < w->count; i++) {
		const char *word = w->item[i];

		buf_addstr(out, i ? " " : "");
		if (*word && word[strspn(word, plain)] == '\0') {
			buf_addstr(out, word);
			continue;
		}
		if (!is_printable(word)) {
			add_bytes(out, word);
			continue;
		}
		buf_addstr(out, "'");
		for (; *word; word++)
			if (*word == '\'')
				buf_addstr(out, "'\\''");
			else
				buf_add(out, word, 1);
		buf_addstr(out, "'");
	}
}

/* ---- the earlier command line ---- */

/* Options whose value the manifest itself holds, or which the caller sets. */
static const char *const replaced[] = {
	"--seed",      "--depth",  "--rounds", "--boots",     "--batches", "--out", "--profile",
	"--workloads", "--copies", "--guests", "--precision", "--budget",  NULL};
static const char *const versions[] = {"--kernel", "--" EMULATOR_OPTION, NULL};

static bool is_option(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && (word[len] == '\0' || word[len] == '=');
}

static bool is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (is_option(word, *names))
			return true;
	return false;
}

const char *rerun_option(char *const *command, const char *name)
{
	const char *value = NULL;
	size_t len = strlen(name);

	for (; command && *command; command++) {
		if (strncmp(*command, "--", 2) != 0 || !is_option(*command + 2, name))
			continue;
		if ((*command)[2 + len] == '=')
			value = *command + 3 + len;
		else if (command[1])
			value = *++command;
	}
	return value;
}

/* What it said beyond the plan: --vcpus, --memory, --accel, … */
static int add_kept(struct words *w, const struct manifest *m, const struct rerun *how,
		    struct err *err)
{
	char **word = m->command;

	/* Its own name and that of the command, as far as they were written down. */
	while (word && *word && strncmp(*word, "--", 2) != 0)
		word++;
	for (; word && *word; word++) {
		bool leave = is_one_of(*word, replaced) ||
			     (how->any_version && is_one_of(*word, versions));

		/* How the answer was printed is no part of what was measured. */
		if (is_option(*word, "--json"))
			continue;
		if (leave && !strchr(*word, '=') && word[1])
			word++;
		else if (!leave && words_add(w, err, "%s", *word) < 0)
			return -1;
	}
	return 0;
}

/* ---- the plan ---- */

static bool is_wanted(const struct rerun *how, size_t job)
{
	return !how->job || how->job[job];
}

/* An item as --workloads reads it: the name with all parameters, so that no profile is asked. */
static void item_text(const struct manifest_job *job, struct buf *out)
{
	char threads[THREADS_TEXT];

	/* With a blank, even without parameters: else it would be a pattern for the profile's
	 * items.
	 */
	buf_addf(out, "%s%s%s %s", job->workload, job->params[0] ? " " : "", job->params,
		 threads_word(job->threads, threads));
}

static int add_jobs(struct words *w, const struct manifest *m, const struct rerun *how,
		    struct err *err)
{
	for (size_t i = 0; i < m->jobs; i++) {
		struct buf text = BUF_INIT;
		int rc;

		if (!is_wanted(how, i) ||
		    strcmp(m->job[i].workload, workload_needing(NEEDS_COMMAND)->name) == 0)
			continue;
		item_text(&m->job[i], &text);
		rc = buf_check(&text, err);
		if (rc == 0)
			rc = words_add(w, err, "--workloads=%s", buf_str(&text));
		buf_release(&text);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* The list of work that these words would make. */
static int make_list(const struct words *w, const struct profile *profile, struct work_list *list,
		     struct err *err)
{
	static const char option[] = "--workloads=";
	struct text_list items = {0};
	struct command_line command = {.line = rerun_option(w->item, "command")};

	for (size_t i = 0; i < w->count; i++)
		if (strncmp(w->item[i], option, strlen(option)) == 0) {
			if (items.count == LIST_MAX)
				return err_set(err, EXIT_USAGE, "the plan has more than %d jobs",
					       LIST_MAX);
			items.item[items.count++] = w->item[i] + strlen(option);
		}
	if (items.count && work_list_make(list, profile, &items, err) < 0)
		return -1;
	return command.line ? work_list_add_command(list, &command, err) : 0;
}

/* Compares the list with the wanted jobs of the manifest, in order. */
static int check_list(const struct manifest *m, const struct rerun *how,
		      const struct work_list *list, struct err *err)
{
	char was[THREADS_TEXT], would[THREADS_TEXT];
	uint32_t next = 0;

	for (size_t i = 0; i < m->jobs; i++) {
		const struct manifest_job *job = &m->job[i];
		const struct work *work = next < list->count ? &list->item[next] : NULL;

		if (!is_wanted(how, i))
			continue;
		next++;
		if (work && strcmp(work->workload->name, job->workload) == 0 &&
		    strcmp(work->label, job->params) == 0 && work->threads == job->threads)
			continue;
		return err_set(
			err, EXIT_USAGE,
			"job %zu of the plan was \"%s %s %s\", and would be \"%s %s%s%s\" now",
			i + 1, job->workload, job->params, threads_word(job->threads, was),
			work ? work->workload->name : "(none)", work ? work->label : "",
			work ? " " : "", work ? threads_word(work->threads, would) : "");
	}
	if (next != list->count)
		return err_set(err, EXIT_USAGE,
			       "the plan had %" PRIu32 " jobs, and would have %" PRIu32 " now",
			       next, list->count);
	return 0;
}

static int check_plan(const struct manifest *m, const struct rerun *how, const struct words *w,
		      struct err *err)
{
	struct work_list list = {0};
	const struct profile *profile = profile_find(m->profile, err);
	int rc = profile ? make_list(w, profile, &list, err) : -1;

	if (rc == 0)
		rc = check_list(m, how, &list, err);
	work_list_release(&list);
	return rc;
}

int rerun_words(const struct manifest *m, const struct rerun *how, struct words *w, struct err *err)
{
	if (m->rounds == 0 || m->boots == 0 || m->seed == 0 || m->jobs == 0)
		return err_set(err, EXIT_USAGE,
			       "the manifest holds no plan that could be repeated");
	if (words_add(w, err, "run") < 0 ||
	    /* The profile says how long batches are. */
	    words_add(w, err, "--profile=%s", m->profile) < 0 ||
	    (!rerun_option(m->command, "layers") &&
	     words_add(w, err, "--depth=%" PRIu32, m->depth) < 0) ||
	    words_add(w, err, "--rounds=%" PRIu32, m->rounds) < 0 ||
	    words_add(w, err, "--boots=%" PRIu32, how->boots ? how->boots : m->boots) < 0 ||
	    (m->batches && words_add(w, err, "--batches=%" PRIu32, m->batches) < 0) ||
	    words_add(w, err, "--seed=%" PRIu64, how->seed ? how->seed : m->seed) < 0 ||
	    add_jobs(w, m, how, err) < 0 || add_kept(w, m, how, err) < 0 ||
	    (how->out && words_add(w, err, "--out=%s", how->out) < 0))
		return -1;
	if (check_plan(m, how, w, err) < 0)
		return err_context(err, "the plan of %s cannot be repeated", m->run);
	return 0;
}
