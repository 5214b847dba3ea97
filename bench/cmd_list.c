/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "bench/base/parse.h"
#include "bench/command.h"
#include "bench/options.h"
#include "bench/session.h"
#include "workloads/workload.h"

static const struct cli cli = {
	.name = "nestbench list",
	.examples = "  nestbench list\n  nestbench list mem.chase\n",
	.words = "[WORKLOAD]",
	.max_words = 1,
	.about = "Lists the workloads: class, what one operation is, parameters with default and "
		 "range,\n"
		 "the tool that a workload corresponds to, and the published figure where there is "
		 "one.",
};

static void print_value(const struct param *p, uint64_t value, char text[SIZE_TEXT])
{
	if (p->kind == PARAM_SIZE)
		format_size(value, text);
	else
		snprintf(text, SIZE_TEXT, "%llu", (unsigned long long)value);
}

static void print_param(const struct param *p)
{
	char fallback[SIZE_TEXT], min[SIZE_TEXT], max[SIZE_TEXT];

	printf("      %s=", p->name);
	if (p->kind == PARAM_CHOICE) {
		for (const char *const *c = p->choices; *c; c++)
			printf("%s%s", c == p->choices ? "" : "|", *c);
		printf("  %s (default %s)\n", p->help, p->choices[p->fallback]);
		return;
	}
	print_value(p, p->fallback, fallback);
	print_value(p, p->min, min);
	print_value(p, p->max, max);
	printf("%s…%s  %s (default %s)\n", min, max, p->help, fallback);
}

static void print_workload(const struct workload *w)
{
	printf("%-16s %s\n", w->name, w->summary);
	printf("      class %s; one operation: %s; unit: %s%s\n", workload_class_name(w->class),
	       w->op, w->found ? w->found_unit : "ns/op", w->bytes_per_op ? " (and bytes/s)" : "");
	if (w->flags & WORKLOAD_EVERY_CPU)
		printf("      threads: one on each CPU of the layer, or threads=N\n");
	else if (w->flags & WORKLOAD_THREADS)
		printf("      threads: one, or threads=N\n");
	for (const struct param *p = w->params; p && p->name; p++)
		print_param(p);
	if (w->source)
		printf("      like: %s\n", w->source);
	if (w->figure)
		printf("      published: %s\n", w->figure);
}

int cmd_list(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	int done = options_parse(&cli, argc, argv, NULL, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (words.count) {
		const struct workload *w = workload_find(words.item[0]);

		if (!w)
			return err_set(err, EXIT_USAGE,
				       "there is no workload \"%s\" (nestbench list shows all)",
				       words.item[0]);
		print_workload(w);
		return EXIT_FINE;
	}
	for (const struct workload *const *w = workloads; *w; w++)
		print_workload(*w);
	printf("%-16s from the start of a layer's domain until its agent answers\n"
	       "      class boot; measured in every run, for every VM; reported as ns/op\n",
	       SESSION_BOOT_WORKLOAD);
	return EXIT_FINE;
}
