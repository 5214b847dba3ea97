/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/command.h"
#include "bench/options.h"
#include "results/rundir.h"

struct options {
	const char *out;
	bool print;
};

static const struct option options[] = {
	{"out", OPT_TEXT, offsetof(struct options, out), "DIR", NULL, 0, 0,
	 "the new run directory (default: nestbench-runs/TIME-HOST)"},
	{"print", OPT_FLAG, offsetof(struct options, print), NULL, NULL, 0, 0,
	 "only print the command line"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench rerun",
	.examples = "  nestbench rerun nestbench-runs/20260131T120000Z-laptop\n"
		    "  nestbench rerun RUN --print\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about =
		"Measures again what an earlier run measured: the same options, workloads with the "
		"same\n"
		"parameters, rounds, boots and seed, so the same order of work over the same data.",
	.options = options,
};

/* Options whose value the manifest itself holds, or which this command sets. */
static const char *const replaced[] = {"--seed", "--depth",   "--rounds", "--boots",
				       "--out",	 "--profile", NULL};

struct words {
	char **item; /* NULL-terminated; each owned */
	size_t count;
};

static int add(struct words *w, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int add(struct words *w, struct err *err, const char *fmt, ...)
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

static void words_release(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->item[i]);
	free(w->item);
}

/* 0: keep the word; 1: leave it out; 2: and its value, which is the next word. */
static int left_out(const char *word)
{
	for (const char *const *name = replaced; *name; name++) {
		size_t len = strlen(*name);

		if (strncmp(word, *name, len) == 0 && (word[len] == '\0' || word[len] == '='))
			return word[len] == '=' ? 1 : 2;
	}
	return 0;
}

/* What the earlier command line said beyond that: --workloads, --vcpus, --memory, --accel, … */
static int add_kept(struct words *w, const struct manifest *m, struct err *err)
{
	char **word = m->command;

	/* Its own name and that of the command, as far as they were written down. */
	while (word && *word && strncmp(*word, "--", 2) != 0)
		word++;
	for (; word && *word; word++) {
		int skip = left_out(*word);

		if (skip == 2 && word[1])
			word++;
		else if (!skip && add(w, err, "%s", *word) < 0)
			return -1;
	}
	return 0;
}

static int make_words(struct words *w, const struct manifest *m, const struct options *opt,
		      struct err *err)
{
	if (m->rounds == 0 || m->seed == 0)
		return err_set(err, EXIT_USAGE,
			       "the manifest holds no plan that could be repeated");
	if (add(w, err, "run") < 0 || add(w, err, "--depth=%" PRIu32, m->depth) < 0 ||
	    add(w, err, "--rounds=%" PRIu32, m->rounds) < 0 ||
	    add(w, err, "--boots=%" PRIu32, m->boots) < 0 ||
	    add(w, err, "--seed=%" PRIu64, m->seed) < 0)
		return -1;
	/* The profile says how long batches are and how many. */
	if (m->profile[0] && add(w, err, "--profile=%s", m->profile) < 0)
		return -1;
	if (add_kept(w, m, err) < 0)
		return -1;
	return opt->out ? add(w, err, "--out=%s", opt->out) : 0;
}

/* A word as a shell reads it. */
static void print_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_=./:,+@%";

	if (*word && word[strspn(word, plain)] == '\0') {
		printf(" %s", word);
		return;
	}
	fputs(" '", stdout);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	putchar('\'');
}

int cmd_rerun(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct manifest m = MANIFEST_INIT;
	struct words line = {0};
	int done = options_parse(&cli, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	done = -1;
	if (manifest_load(words.item[0], &m, err) < 0 || make_words(&line, &m, &opt, err) < 0)
		goto cleanup;
	fputs("nestbench", stdout);
	for (size_t i = 0; i < line.count; i++)
		print_word(line.item[i]);
	putchar('\n');
	fflush(stdout);
	done = opt.print ? EXIT_FINE : cmd_run((int)line.count, line.item, err);
cleanup:
	words_release(&line);
	manifest_release(&m);
	return done;
}
