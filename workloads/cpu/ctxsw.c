/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the switch between two processes: one byte goes to the other process through a pipe and
 * comes back through another. Together, both are pinned to one CPU, and each byte forces a
 * context switch with a change of address space; with shadow page tables such a change is an exit.
 * Apart, each has a CPU of its own, and each byte wakes an idle CPU: an interrupt from CPU to CPU
 * and, in a VM, exits for it and for the halt. Four system calls belong to each round trip.
 *
 * Not measured: what a switch costs afterwards in cold caches (lmbench's lat_ctx with sizes).
 *
 * Source: perf bench sched pipe, lmbench lat_ctx and lat_pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/lib/place.h"
#include "workloads/lib/state.h"

struct state {
	struct tally tally;	      /* of right answers */
	int to[2], from[2];	      /* pipes to the partner and back; 0: none */
	pid_t partner;		      /* 0: none */
	struct affinity cpus;	      /* as they were */
	struct sigaction pipe_signal; /* likewise */
	int ignores_pipe;
};

enum { PLACE };
static const struct param params[] = {
	[PLACE] = PLACE_PARAM(PLACE_TOGETHER),
	{0},
};

/* The other process: answers each byte with the next number, until the pipe is closed. */
static void answer(const struct state *s, enum place place)
{
	struct err ignored;
	uint8_t byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(s->to[1]);
	close(s->from[0]);
	if (place_pin(place, 1, &s->cpus, &ignored) < 0)
		_exit(1);
	while (read(s->to[0], &byte, 1) == 1) {
		byte++;
		if (write(s->from[1], &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	enum place place = (enum place)arg[PLACE];

	if (affinity_read(&s->cpus, err) < 0)
		return -1;
	/* A partner that is gone must be a reported failure, and not kill this process. */
	if (sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &s->pipe_signal) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot ignore SIGPIPE");
	s->ignores_pipe = 1;
	if (pipe2(s->to, O_CLOEXEC) < 0 || pipe2(s->from, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot make a pipe");
	s->partner = fork();
	if (s->partner < 0) {
		s->partner = 0;
		return err_errno(err, EXIT_MACHINE, "cannot start a second process");
	}
	if (s->partner == 0)
		answer(s, place);
	close_fd(&s->to[0]);
	close_fd(&s->from[1]);
	return place_pin(place, 0, &s->cpus, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		uint8_t asked = (uint8_t)i, got;

		if (write(s->to[1], &asked, 1) != 1 || read(s->from[0], &got, 1) != 1)
			return err_set(err, EXIT_MACHINE, "the second process is gone");
		s->tally.done += got == (uint8_t)(asked + 1);
	}
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->partner) {
		kill(s->partner, SIGKILL);
		while (waitpid(s->partner, NULL, 0) < 0 && errno == EINTR)
			;
	}
	s->partner = 0;
	for (int i = 0; i < 2; i++) {
		close_fd(&s->to[i]);
		close_fd(&s->from[i]);
	}
	place_restore(&s->cpus);
	if (s->ignores_pipe)
		sigaction(SIGPIPE, &s->pipe_signal, NULL);
	s->ignores_pipe = 0;
}

const struct workload workload_cpu_ctxsw = {
	.name = "cpu.ctxsw",
	.summary = "two processes that wake each other through pipes",
	.op = "one byte there and one back (two switches, four system calls)",
	.source = "perf bench sched pipe, lmbench lat_ctx",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS("", "place=apart"),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
