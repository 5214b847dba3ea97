/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Not a test: how often the comparison of a fleet calls a node odd that is not, and finds one that
 * is; how long it takes, and in how much memory. Run by hand:
 *   bench-fleet alarms NEW_DIRECTORY [FLEETS [NODES]]   fleets of equal nodes, and with an odd one
 *   bench-fleet make NEW_DIRECTORY NODES                a fleet to time: nestbench fleet compare
 *   bench-fleet time DIRECTORY                          time and memory for that many nodes
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "results/fleet/compare.h"
#include "results/stats/stats.h"
#include "tests/results/make_fleet.h"

static int count_odd(const char *dir, const struct made_fleet *f, double same, bool *others,
		     bool *first, struct err *err)
{
	const struct fleet_compare_options options = {.same = same};
	struct fleet_comparison c;

	if (make_fleet(dir, f, err) < 0 || fleet_compare(dir, &options, &c, err) < 0)
		return -1;
	*others = *first = false;
	for (size_t i = 0; i < c.nodes; i++) {
		bool made_odd = i >= 1 && i <= f->odd;

		*first |= made_odd && c.node[i].odd;
		*others |= !made_odd && c.node[i].odd;
	}
	fleet_comparison_release(&c);
	return file_remove_tree(dir, err);
}

/* Differences of any size count, so that nothing but the statistics holds an alarm back. */
static int alarms_of(const char *dir, size_t fleets, struct made_fleet f, struct err *err)
{
	size_t alarms = 0, found = 0;
	double low, high;
	bool others, first;

	for (size_t i = 0; i < fleets; i++) {
		f.seed = i + 1;
		if (count_odd(dir, &f, 0, &others, &first, err) < 0)
			return -1;
		alarms += others;
		found += first;
	}
	stats_share_interval(alarms, fleets, 0.95, &low, &high);
	printf("%3zu nodes, spread %.1f %%, %zu odd: false alarm in %zu of %zu fleets, %.1f %% "
	       "[%.1f, %.1f]",
	       f.nodes, 100 * f.spread, f.odd, alarms, fleets,
	       100.0 * (double)alarms / (double)fleets, 100 * low, 100 * high);
	if (f.odd)
		printf("; the odd node (%+.0f %%) named in %zu", 100 * (f.slower - 1), found);
	printf("\n");
	fflush(stdout);
	return 0;
}

static int alarms(const char *dir, size_t fleets, size_t nodes, struct err *err)
{
	static const size_t sizes[] = {3, 8, 30};
	struct made_fleet f = MADE_FLEET;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (nodes && sizes[i] != nodes)
			continue;
		f.nodes = sizes[i];
		f.odd = 0;
		if (alarms_of(dir, fleets, f, err) < 0)
			return -1;
		f.odd = 1;
		f.slower = 1.25;
		if (alarms_of(dir, fleets, f, err) < 0)
			return -1;
	}
	return 0;
}

static int make(const char *dir, size_t nodes, struct err *err)
{
	struct made_fleet f = MADE_FLEET;

	f.nodes = nodes;
	f.odd = nodes > 10;
	f.slower = 1.25;
	f.governor = "powersave";
	return make_fleet(dir, &f, err);
}

static int measure(const char *dir, struct err *err)
{
	const struct fleet_compare_options options = {.same = FLEET_SAME};
	struct fleet_comparison c;
	uint64_t start = clock_now(&clock_machine);
	struct rusage usage;
	double s;

	if (fleet_compare(dir, &options, &c, err) < 0)
		return -1;
	s = (double)(clock_now(&clock_machine) - start) / 1e9;
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu nodes, %zu figures: %.2f s, %.2f ms a node, CPU %.2f s, %ld MiB at most, %zu "
	       "odd\n",
	       c.nodes, c.figures, s, 1e3 * s / (double)c.nodes,
	       (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
		       (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
	       usage.ru_maxrss / 1024, fleet_count_odd(&c));
	fleet_comparison_release(&c);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t fleets = 100, nodes = 0;
	struct err err;
	int rc = -2;

	if (argc >= 3 && strcmp(argv[1], "alarms") == 0 &&
	    (argc < 4 || parse_u64(argv[3], "FLEETS", 1, 100000, &fleets, &err) == 0) &&
	    (argc < 5 || parse_u64(argv[4], "NODES", 1, 10000, &nodes, &err) == 0))
		rc = alarms(argv[2], fleets, nodes, &err);
	else if (argc == 4 && strcmp(argv[1], "make") == 0 &&
		 parse_u64(argv[3], "NODES", 1, 10000, &nodes, &err) == 0)
		rc = make(argv[2], nodes, &err);
	else if (argc == 3 && strcmp(argv[1], "time") == 0)
		rc = measure(argv[2], &err);
	if (rc == -2)
		fprintf(stderr, "usage: bench-fleet alarms NEW_DIRECTORY [FLEETS [NODES]] | make "
				"NEW_DIRECTORY NODES | time DIRECTORY\n");
	else if (rc < 0)
		fprintf(stderr, "%s\n", err.text);
	return rc == 0 ? EXIT_FINE : EXIT_USAGE;
}
