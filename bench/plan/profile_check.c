/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/profile_parts.h"

#include <fnmatch.h>
#include <string.h>

#include "bench/session/session.h"

uint32_t work_threads(const struct work *work)
{
	if (work->threads != THREADS_UNSAID)
		return work->threads;
	return work->workload->flags & WORKLOAD_EVERY_CPU ? THREADS_ON_EACH_CPU : 1;
}

int work_check(const struct work *work, bool grouped, struct err *err)
{
	bool together = work->copies > 1 || work->guests > 1 || work->ops || grouped;
	uint32_t threads = work_threads(work);
	struct err why;

	if (!work->command && work->workload->needs & NEEDS_COMMAND)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %s is not asked for by its name, but with --command "
			       "'PROGRAM ARGUMENTS'",
			       work->workload->name);
	if (together && work->workload->flags & WORKLOAD_ONCE)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %s is measured once a boot, alone: not with copies, "
			       "guests or ops, and not in a group",
			       work->workload->name);
	if ((uint64_t)work->copies * work->guests > COPIES_MAX)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %u copies in each of %u guests are more than %d",
			       work->copies, work->guests, COPIES_MAX);
	if (threads == THREADS_ON_EACH_CPU && !(work->workload->flags & WORKLOAD_EVERY_CPU))
		return err_set(
			err, EXIT_USAGE,
			"--workloads: %s does not count the CPUs itself: not threads=all, but "
			"a number",
			work->workload->name);
	if (workload_check_threads(work->workload, threads, &why) < 0)
		return err_set(err, EXIT_USAGE, "--workloads: %s", why.text);
	return 0;
}

/* "mem" for "mem.*". */
static bool is_family(const char *pattern)
{
	size_t len = strlen(pattern);

	for (const struct workload *const *w = workloads; *w; w++)
		if (strncmp((*w)->name, pattern, len) == 0 && (*w)->name[len] == '.')
			return true;
	return false;
}

int work_unknown(const char *pattern, struct err *err)
{
	char hint[NEAREST_TEXT];

	if (pattern[strspn(pattern, " ")] == '\0')
		return err_set(err, EXIT_USAGE,
			       "--workloads: no workload is named (nestbench list shows all)");
	if (strcmp(pattern, SESSION_BOOT_WORKLOAD) == 0)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %s is measured in every run, and so not asked for",
			       pattern);
	if (is_family(pattern))
		return err_set(err, EXIT_USAGE,
			       "--workloads: no workload matches \"%s\" (did you mean \"%s.*\"? "
			       "nestbench list shows all)",
			       pattern, pattern);
	if (strchr(pattern, ','))
		return err_set(err, EXIT_USAGE,
			       "--workloads: no workload matches \"%s\" (give --workloads once for "
			       "each)",
			       pattern);
	return err_set(err, EXIT_USAGE,
		       "--workloads: no workload matches \"%s\" (%snestbench list shows all)",
		       pattern, workload_hint(pattern, strlen(pattern), "", " ", hint));
}

static bool has_all(const struct workload *w, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (!workload_has_param(w, words[i]))
			return false;
	return true;
}

bool work_takes(const struct workload *w, const struct work *work, const char *const *words,
		int count)
{
	struct work one = *work;
	struct err ignored;

	one.workload = w;
	return has_all(w, words, count) && work_check(&one, false, &ignored) == 0;
}

/* Several match, and none has all the parameters: which one is it that none has? */
static int no_such_params(const char *pattern, const char *const *words, int count, struct err *err)
{
	for (int i = 0; i < count; i++) {
		char hint[NEAREST_TEXT];
		struct nearest near;
		bool known = false;

		nearest_init(&near, words[i], strcspn(words[i], "="));
		for (const struct workload *const *w = workloads; *w; w++) {
			if (fnmatch(pattern, (*w)->name, 0) != 0)
				continue;
			known = known || workload_has_param(*w, words[i]);
			for (const struct param *p = (*w)->params; p && p->name; p++)
				nearest_offer(&near, p->name);
		}
		if (!known)
			return err_set(err, EXIT_USAGE,
				       "--workloads: no workload that matches \"%s\" takes \"%s\" "
				       "(%snestbench list '%s' shows their parameters)",
				       pattern, words[i], nearest_hint(&near, "", " ", hint),
				       pattern);
	}
	return err_set(err, EXIT_USAGE,
		       "--workloads: no workload that matches \"%s\" has all these parameters "
		       "(nestbench list '%s' shows them)",
		       pattern, pattern);
}

int work_misfit(const char *pattern, const struct work *work, const char *const *words, int count,
		struct err *err)
{
	const struct workload *last = NULL, *near = NULL;
	struct work one = *work;
	uint32_t matching = 0;

	for (const struct workload *const *w = workloads; *w; w++) {
		if (fnmatch(pattern, (*w)->name, 0) != 0)
			continue;
		matching++;
		last = *w;
		if (has_all(*w, words, count))
			near = *w;
	}
	if (matching == 0)
		return work_unknown(pattern, err);
	if (matching > 1 && !near)
		return no_such_params(pattern, words, count, err);
	one.workload = near ? near : last;
	if (workload_parse_params(one.workload, words, (size_t)count, one.arg, err) < 0)
		return -1;
	return work_check(&one, false, err);
}
