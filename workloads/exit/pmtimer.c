/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what a guest pays for one access to an I/O port of an emulated device: the power
 * management timer of ACPI, which kernels without a better clock read for every time of day. The
 * exit goes to the user space of the parent layer and back. The port is read without a system call,
 * which root may be allowed. Not measured: a device's work. On real hardware a read goes to the
 * chipset, which takes about a microsecond.
 *
 * Source: kvm-unit-tests x86/vmexit.c "inl_from_pmtimer".
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/io.h>

#include "workloads/lib/state.h"

#define PORTS "/proc/ioports"
#define BYTES 4

/* What is read where nothing answers. */
#define ABSENT UINT32_MAX

struct state {
	struct tally tally; /* of readings that something answered */
	uint16_t port;
};

/* "  0608-060b : ACPI PM_TMR"; 0 to who may not know it. */
static int find_port(uint16_t *port, struct err *err)
{
	FILE *f = fopen(PORTS, "re");
	char line[256], end = 0;
	bool found = false;

	if (!f)
		return err_errno(err, EXIT_MACHINE, "cannot open " PORTS);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, " %" SCNx16 "-%*x : ACPI PM_TM%c", port, &end) == 2 &&
			end == 'R';
	fclose(f);
	if (!found)
		return err_set(err, EXIT_MACHINE, "this layer has no ACPI PM timer (" PORTS ")");
	if (*port == 0)
		return err_set(err, EXIT_MACHINE, PORTS " names the ports to root only");
	return 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint16_t port;

	if (find_port(&port, err) < 0)
		return -1;
	if (ioperm(port, BYTES, 1) != 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot use I/O port 0x%x (it is for root only, whose kernel is "
				 "not locked down)",
				 port);
	s->port = port;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++)
		s->tally.done += inl(s->port) != ABSENT;
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->port)
		(void)ioperm(s->port, BYTES, 0);
	s->port = 0;
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state s = {0};
	int rc = setup(&s, env, arg, err);

	teardown(&s);
	return rc;
}

const struct workload workload_exit_pmtimer = {
	.name = "exit.pmtimer",
	.summary = "reading a timer's I/O port, which the hypervisor emulates",
	.op = "four bytes read from the port of the ACPI PM timer",
	.source = "kvm-unit-tests vmexit inl_from_pmtimer",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
