/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Not a test: prints how fast rows are written and summarised, and in how much memory. Run by hand:
 *   bench-rows NEW_DIRECTORY [MILLIONS_OF_ROWS [BOOTS]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/parse.h"
#include "results/summary/summary.h"
#include "tests/results/make_run.h"

static double seconds_since(uint64_t start)
{
	return (double)(clock_now(&clock_machine) - start) / 1e9;
}

static int measure(const char *dir, double millions, uint32_t boots, struct err *err)
{
	struct made_run run = MADE_RUN;
	struct summary s = {0};
	struct rusage usage;
	double rows_per_round = 12 * 3 * 5 + 3;
	uint64_t start;

	run.boots = boots;
	run.rounds = (uint32_t)(millions * 1e6 / rows_per_round / boots) + 1;
	start = clock_now(&clock_machine);
	if (rundir_create(dir, err) < 0 || make_run(dir, &run, err) < 0)
		return -1;
	printf("made in %.2f s\n", seconds_since(start));
	start = clock_now(&clock_machine);
	if (summary_build(dir, &s, err) < 0)
		return -1;
	printf("%" PRIu64 " rows in %" PRIu32 " boots summarised in %.2f s", s.rows, boots,
	       seconds_since(start));
	summary_release(&s);
	getrusage(RUSAGE_SELF, &usage);
	printf(", %ld MiB at most\n", usage.ru_maxrss / 1024);
	return 0;
}

int main(int argc, char **argv)
{
	double millions = 1;
	uint64_t boots = 1;
	struct err err;

	if (argc < 2 ||
	    (argc > 2 && parse_double(argv[2], "MILLIONS_OF_ROWS", 0, 100, &millions, &err) < 0) ||
	    (argc > 3 && parse_u64(argv[3], "BOOTS", 1, 1000, &boots, &err) < 0)) {
		fprintf(stderr, "usage: bench-rows NEW_DIRECTORY [MILLIONS_OF_ROWS [BOOTS]]\n");
		return EXIT_USAGE;
	}
	if (measure(argv[1], millions, (uint32_t)boots, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return (int)err.code;
	}
	return EXIT_FINE;
}
