/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "drivers/host/placement.h"

struct plan_case {
	const char *synthetic, *allowed;
	int measured;
	const char *text;
	const char *note; /* part of the notes; NULL: there are none */
	int node;
};

/* In hwloc's synthetic machines CPUs are numbered core by core: siblings are neighbours. */
static const struct plan_case cases[] = {
	{"pack:1 core:1 pu:1", NULL, 1, "vcpu0:0 room:0", "No CPU is left for the emulator", -1},
	{"pack:1 core:2 pu:1", NULL, 1, "vcpu0:0 room:1", NULL, -1},
	{"pack:1 core:2 pu:1", NULL, 2, "vcpu0:0 vcpu1:1 room:0-1", "No CPU is left", -1},
	/* A 2-vCPU cloud machine is often one core with two threads. */
	{"pack:1 core:1 pu:2", NULL, 1, "vcpu0:0 room:1", "SMT siblings of the measured", -1},
	{"pack:1 core:1 pu:2", NULL, 2, "vcpu0:0 vcpu1:1 room:0-1", "2 vCPUs on 1 cores", -1},
	{"pack:1 core:4 pu:1", NULL, 2, "vcpu0:0 vcpu1:1 room:2-3", NULL, -1},
	{"pack:1 core:4 pu:1", NULL, 4, "vcpu0:0 vcpu1:1 vcpu2:2 vcpu3:3 room:0-3", "No CPU", -1},
	{"pack:1 core:4 pu:1", NULL, 6, "vcpu0:0 vcpu1:1 vcpu2:2 vcpu3:3 vcpu4:0 vcpu5:1 room:0-3",
	 "6 vCPUs on 4 CPUs", -1},
	/* Siblings of measured CPUs stay idle while other cores are free. */
	{"pack:1 core:4 pu:2", NULL, 2, "vcpu0:0 vcpu1:2 room:4-7", NULL, -1},
	{"pack:1 core:4 pu:2", NULL, 4, "vcpu0:0 vcpu1:2 vcpu2:4 vcpu3:6 room:1,3,5,7",
	 "SMT siblings of the measured", -1},
	{"pack:1 core:4 pu:2", NULL, 6, "vcpu0:0 vcpu1:2 vcpu2:4 vcpu3:6 vcpu4:1 vcpu5:3 room:5,7",
	 "share cores", -1},
	/* Two nodes. */
	{"numa:2 core:2 pu:1", NULL, 1, "vcpu0:0 room:1", NULL, 0},
	{"numa:2 core:2 pu:1", NULL, 2, "vcpu0:0 vcpu1:1 room:2-3", "another NUMA node", 0},
	{"numa:2 core:2 pu:1", NULL, 3, "vcpu0:0 vcpu1:1 vcpu2:2 room:3", "several NUMA nodes", -1},
	{"numa:2 core:2 pu:2", NULL, 5, "vcpu0:0 vcpu1:2 vcpu2:4 vcpu3:6 vcpu4:1 room:3,5,7",
	 "share cores", -1},
	/* The first node is too small for what is asked, the second is not. */
	{"numa:2 core:4 pu:1", "3-7", 2, "vcpu0:4 vcpu1:5 room:6-7", NULL, 1},
	{"numa:2 core:64 pu:2", NULL, 4, "vcpu0:0 vcpu1:2 vcpu2:4 vcpu3:6 room:8-127", NULL, 0},
	/* Only what the process may use. */
	{"pack:1 core:8 pu:1", "2,5,7", 2, "vcpu0:2 vcpu1:5 room:7", NULL, -1},
	{"pack:1 core:8 pu:2", "3,4,5", 1, "vcpu0:3 room:4-5", NULL, -1},
};

static void plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct plan_case *c = &cases[i];
		const struct placement_source source = {.synthetic = c->synthetic,
							.allowed = c->allowed};
		struct placement p;
		struct err err;

		assert_works(placement_plan(&source, c->measured, &p, &err), err);
		if (strcmp(p.text, c->text) != 0 || p.node != c->node ||
		    (c->note ? !strstr(p.notes, c->note) : p.notes[0] != '\0'))
			fail_msg("%s, %d measured: \"%s\" on node %d, notes \"%s\"", c->synthetic,
				 c->measured, p.text, p.node, p.notes);
		assert_int_equal(p.measured_count, c->measured);
		assert_true(p.room_count > 0);
	}
}

struct isolated_case {
	const char *synthetic, *allowed, *isolated;
	int measured;
	const char *text, *note;
};

/* CPUs that the kernel keeps free. */
static const struct isolated_case isolated_cases[] = {
	/* Preferred, and the emulator keeps off those that are left. */
	{"pack:1 core:8 pu:1", NULL, "4-7", 2, "vcpu0:4 vcpu1:5 room:0-3", NULL},
	{"pack:1 core:8 pu:1", NULL, "4-7", 4, "vcpu0:4 vcpu1:5 vcpu2:6 vcpu3:7 room:0-3", NULL},
	/* All or none. */
	{"pack:1 core:8 pu:1", NULL, "6-7", 3, "vcpu0:0 vcpu1:1 vcpu2:2 room:3-5",
	 "Isolated CPUs stay unused: the 2 that may be used are too few for 3 measured vCPUs."},
	/* Those that the process may not use do not count. */
	{"pack:1 core:8 pu:1", "0-4", "4-7", 1, "vcpu0:4 room:0-3", NULL},
	{"pack:1 core:8 pu:1", "0-3", "4-7", 1, "vcpu0:0 room:1-3", NULL},
	/* When there are no others, they are shared as any. */
	{"pack:1 core:8 pu:1", "4-7", "4-7", 2, "vcpu0:4 vcpu1:5 room:6-7", NULL},
	{"pack:1 core:8 pu:1", "4", "4-7", 1, "vcpu0:4 room:4", "No CPU is left"},
	/* Whole cores with their siblings; then the siblings too. */
	{"pack:1 core:4 pu:2", NULL, "4-7", 2, "vcpu0:4 vcpu1:6 room:0-3", NULL},
	{"pack:1 core:4 pu:2", NULL, "4-7", 4, "vcpu0:4 vcpu1:6 vcpu2:5 vcpu3:7 room:0-3",
	 "4 vCPUs on 2 cores"},
	/* Second threads only: distinct cores, and the room away from their siblings if it can be.
	 */
	{"pack:1 core:4 pu:2", NULL, "5,7", 2, "vcpu0:5 vcpu1:7 room:0-3", NULL},
	{"pack:1 core:2 pu:2", NULL, "1,3", 2, "vcpu0:1 vcpu1:3 room:0,2", "SMT siblings"},
	/* The node whose others are room, rather than one that is isolated as a whole. */
	{"numa:2 core:4 pu:1", NULL, "0-3,6-7", 2, "vcpu0:6 vcpu1:7 room:4-5", NULL},
	{"numa:2 core:4 pu:1", NULL, "4-7", 2, "vcpu0:4 vcpu1:5 room:0-3", "another NUMA node"},
	{"pack:2 core:64 pu:2", NULL, "128-255", 64, NULL, NULL},
	{"pack:1 core:1 pu:1", NULL, "0", 1, "vcpu0:0 room:0", "No CPU is left"},
	{"pack:1 core:2 pu:1", NULL, "nonsense", 1, "vcpu0:0 room:1", NULL},
};

static void isolated_cpus_are_respected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(isolated_cases) / sizeof(isolated_cases[0]); i++) {
		const struct isolated_case *c = &isolated_cases[i];
		const struct placement_source source = {
			.synthetic = c->synthetic, .allowed = c->allowed, .isolated = c->isolated};
		struct placement p;
		struct err err;

		assert_works(placement_plan(&source, c->measured, &p, &err), err);
		if ((c->text && strcmp(p.text, c->text) != 0) ||
		    (c->note ? !strstr(p.notes, c->note) : p.notes[0] != '\0'))
			fail_msg("%s, isolated %s, %d measured: \"%s\", notes \"%s\"", c->synthetic,
				 c->isolated, c->measured, p.text, p.notes);
	}
}

/* From the smallest machine to the largest, whatever is isolated: the promises hold. */
static void the_emulator_never_runs_on_isolated_cpus(void **state)
{
	static const struct {
		const char *synthetic;
		int cpus;
	} machines[] = {{"pack:1 core:1 pu:1", 1},   {"pack:1 core:2 pu:1", 2},
			{"pack:1 core:2 pu:2", 4},   {"pack:1 core:8 pu:2", 16},
			{"numa:2 core:8 pu:1", 16},  {"numa:2 core:16 pu:2", 64},
			{"pack:2 core:64 pu:2", 256}};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		for (int first = 1; first < machines[i].cpus; first += 1 + machines[i].cpus / 16)
			for (int measured = 1; measured <= machines[i].cpus;
			     measured += 1 + measured / 4) {
				char list[32];
				const struct placement_source source = {
					.synthetic = machines[i].synthetic, .isolated = list};
				struct placement p;
				struct err err;
				int inside = 0;

				snprintf(list, sizeof(list), "%d-%d", first, machines[i].cpus - 1);
				assert_works(placement_plan(&source, measured, &p, &err), err);
				for (int r = 0; r < p.room_count; r++)
					assert_true(p.room[r] < first);
				for (int v = 0; v < measured; v++)
					inside += p.measured[v] >= first;
				assert_int_equal(inside, measured <= machines[i].cpus - first
								 ? measured
								 : 0);
			}
}

static void the_largest_machine_keeps_its_promises(void **state)
{
	const struct placement_source source = {.synthetic = "numa:2 core:64 pu:2"};

	(void)state;
	for (int measured = 1; measured <= 300; measured++) {
		struct placement p;
		struct err err;
		int uses[256] = {0};

		assert_works(placement_plan(&source, measured, &p, &err), err);
		for (int i = 0; i < measured; i++)
			uses[p.measured[i]]++;
		for (int cpu = 0; cpu < 256; cpu++) {
			/* No CPU twice while one is free, no siblings while a core is free. */
			assert_true(uses[cpu] <= (measured + 255) / 256);
			if (measured <= 128)
				assert_true(uses[cpu & ~1] + uses[cpu | 1] <= 1);
		}
		if (measured < 256)
			for (int i = 0; i < p.room_count; i++)
				assert_int_equal(uses[p.room[i]], 0);
		assert_int_equal(p.node, measured <= 64 ? 0 : -1);
	}
}

static void the_same_every_time(void **state)
{
	struct placement a, b;
	struct err err;

	(void)state;
	assert_works(placement_plan(NULL, 1, &a, &err), err);
	assert_works(placement_plan(NULL, 1, &b, &err), err);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(a.measured_count, 1);
}

static void bad_requests(void **state)
{
	const struct placement_source nonsense = {.synthetic = "core:zero"},
				      nothing = {.synthetic = "core:2 pu:1", .allowed = "17"},
				      garbage = {.synthetic = "core:2 pu:1", .allowed = "x"};
	struct placement p;
	char text[PLACEMENT_TEXT];
	struct err err;

	(void)state;
	assert_fails(placement_plan(&nonsense, 1, &p, &err), err, EXIT_USAGE, "core:zero");
	assert_fails(placement_topology(&nonsense, text, &err), err, EXIT_USAGE, "core:zero");
	assert_fails(placement_plan(&nothing, 1, &p, &err), err, EXIT_MACHINE, "no CPU");
	assert_fails(placement_plan(&garbage, 1, &p, &err), err, EXIT_MACHINE, "no CPU");
	assert_fails(placement_plan(NULL, 0, &p, &err), err, EXIT_USAGE, "0 measured");
	assert_fails(placement_plan(NULL, PLACEMENT_CPUS + 1, &p, &err), err, EXIT_USAGE, "513");
}

static void topology_in_one_line(void **state)
{
	const struct placement_source laptop = {.synthetic =
							"pack:1 l3:1(size=8388608) core:4 pu:2"},
				      server = {.synthetic = "pack:2 core:64 pu:2"};
	char text[PLACEMENT_TEXT];
	struct err err;

	(void)state;
	assert_works(placement_topology(&laptop, text, &err), err);
	assert_string_equal(text, "1 package, 1 NUMA node, 4 cores, 8 CPUs, L3 8MiB");
	assert_works(placement_topology(&server, text, &err), err);
	assert_string_equal(text, "2 packages, 1 NUMA node, 128 cores, 256 CPUs");
	assert_works(placement_topology(NULL, text, &err), err);
	assert_non_null(strstr(text, "CPU"));
}

static void test_parts_for_siblings(void **state)
{
	const struct placement_source server = {.synthetic = "core:4 pu:1"};
	struct placement all, part;
	struct err err;

	(void)state;
	assert_works(placement_plan(&server, 3, &all, &err), err);
	assert_string_equal(all.text, "vcpu0:0 vcpu1:1 vcpu2:2 room:3");
	placement_part(&all, 1, 2, &part);
	assert_string_equal(part.text, "vcpu0:1 vcpu1:2 room:3");
	/* More siblings than there is room for start over. */
	placement_part(&all, 2, 2, &part);
	assert_string_equal(part.text, "vcpu0:2 vcpu1:0 room:3");
	assert_int_equal(part.measured_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(isolated_cpus_are_respected),
		cmocka_unit_test(the_emulator_never_runs_on_isolated_cpus),
		cmocka_unit_test(the_largest_machine_keeps_its_promises),
		cmocka_unit_test(the_same_every_time),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(topology_in_one_line),
		cmocka_unit_test(test_parts_for_siblings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
