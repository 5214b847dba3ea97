/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the instrument: work that is more expensive by a known percentage. One operation is 100
 * steps of one kind, and slow=N adds N more of the very same steps, so it costs N % more by
 * construction, on any machine and in any layer: the steps of all operations are one loop, so that
 * nothing else is measured. `nestbench selfcheck` compares slow=0 with others and must find the
 * difference and its size.
 *
 * Kinds: cpu, the step of cpu.int; syscall, that of cpu.syscall; mem, that of mem.chase in a
 * working set of 8 MiB; cpuid, that of exit.cpuid, which is a VM exit and so expensive that one
 * operation is one step, and slow=N adds N steps to every 100 operations, at their end. Not
 * measured: a layer; it is a check of the instrument, of times and (cpuid) of counted exits.
 *
 * Source: spike and recovery, the check of analytical laboratories: add a known amount, and see
 * whether the instrument finds it.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "workloads/lib/chase.h"
#include "workloads/lib/cpuid.h"

enum { STEPS = 100, RING_BYTES = 8 << 20 };

struct state {
	struct chase chase; /* mem */
	uint64_t kind, slow;
	uint64_t done; /* operations so far */
	uint64_t x;    /* cpu: the chain; syscall, cpuid: steps that succeeded */
	uint32_t vendor;
};

enum { KIND_CPU, KIND_SYSCALL, KIND_MEM, KIND_CPUID };
static const char *const kinds[] = {"cpu", "syscall", "mem", "cpuid", NULL};

enum { SLOW, KIND };
static const struct param params[] = {
	[SLOW] = {"slow", PARAM_COUNT, 0, 0, 100, .help = "per cent more work in each operation"},
	[KIND] = {"kind", PARAM_CHOICE, .choices = kinds,
		  .help = "the steps: cpu (arithmetic), syscall (getppid), mem (dependent loads), "
			  "or "
			  "cpuid (a VM exit), one in each operation and `slow` more in every 100"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	static const struct chase_nodes ring = {.count = RING_BYTES / CHASE_LINE,
						.stride = CHASE_LINE,
						.lines = 1,
						.pages = PAGES_4K};
	struct state *s = state;

	s->kind = arg[KIND];
	s->slow = arg[SLOW];
	s->vendor = s->kind == KIND_CPUID ? cpuid_vendor() : 0;
	s->x = s->kind == KIND_CPU ? mix64(env->seed) : 0;
	return s->kind == KIND_MEM ? chase_setup(&s->chase, RING_BYTES, ring, env->seed, err) : 0;
}

static uint64_t arithmetic(uint64_t x, uint64_t steps)
{
	for (uint64_t i = 0; i < steps; i++)
		x = mix64(x);
	return x;
}

static int system_calls(struct state *s, uint64_t steps, struct err *err)
{
	uint64_t answered = 0;

	for (uint64_t i = 0; i < steps; i++)
		answered += syscall(SYS_getppid) >= 0;
	s->x += answered;
	return answered == steps ? 0
				 : err_errno(err, EXIT_MACHINE,
					     "getppid failed, which only a sandbox can cause");
}

static void cpuids(struct state *s, uint64_t steps)
{
	for (uint64_t i = 0; i < steps; i++)
		s->x += cpuid_vendor() == s->vendor;
}

/* Of the next n operations. */
static uint64_t count_steps(struct state *s, uint64_t n)
{
	uint64_t before = s->done;

	s->done += n;
	if (s->kind == KIND_CPUID)
		return n + (s->done / STEPS - before / STEPS) * s->slow;
	return n * (STEPS + s->slow);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	uint64_t steps = count_steps(s, n);

	if (s->kind == KIND_SYSCALL)
		return system_calls(s, steps, err);
	if (s->kind == KIND_MEM)
		return chase_run(&s->chase, steps, err);
	if (s->kind == KIND_CPUID)
		cpuids(s, steps);
	else
		s->x = arithmetic(s->x, steps);
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	if (s->kind == KIND_MEM)
		return chase_digest(&s->chase);
	return s->kind == KIND_CPU ? s->x : mix64(s->x);
}

const struct workload workload_inject = {
	.name = "inject",
	.summary = "work made more expensive by a known percentage: a check of the instrument",
	.op = "100 + `slow` steps of one kind; of kind cpuid a 100th of that",
	.source = "spike and recovery, as analytical laboratories check an instrument",
	.class = CLASS_CONTROL,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.known_params = "slow=3",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x925b68dfacb84021),
};
