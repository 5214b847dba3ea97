/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what a guest pays for one access to an I/O port of an emulated device: the power
 * management timer of ACPI, which kernels without a better clock read for every time of day. The
 * exit goes to the user space of the parent layer and back. The kernel's driver reads the port
 * (/dev/port, for root), so a system call is in it. Not measured: a device's work. On real hardware
 * a read goes to the chipset, which takes about a microsecond.
 *
 * Source: kvm-unit-tests x86/vmexit.c "inl_from_pmtimer".
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "workloads/lib/peek.h"

#define PORTS "/proc/ioports"
#define DEVICE "/dev/port"

/* "  0608-060b : ACPI PM_TMR"; all are 0 to who may not know them. */
static int find_port(off_t *port, struct err *err)
{
	FILE *f = fopen(PORTS, "re");
	char line[256], end;
	uint64_t first = 0;
	bool found = false;

	if (!f)
		return err_errno(err, EXIT_MACHINE, "cannot open " PORTS);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, " %" SCNx64 "-%*x : ACPI PM_TM%c", &first, &end) == 2 &&
			end == 'R';
	fclose(f);
	if (!found)
		return err_set(err, EXIT_MACHINE, "this machine has no ACPI PM timer (" PORTS ")");
	if (first == 0)
		return err_set(err, EXIT_MACHINE, PORTS " tells the ports to root only");
	*port = (off_t)first;
	return 0;
}

static int open_ports(off_t *offset, struct err *err)
{
	int fd;

	if (find_port(offset, err) < 0)
		return -1;
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd
		       : err_errno(err, EXIT_MACHINE,
				   "cannot open " DEVICE
				   " (for root only, whose kernel is not locked down)");
}

static const struct peek_place pm_timer = {
	.open = open_ports, .size = 1, .moves = true, .what = "the port of the ACPI PM timer"};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_probe(&pm_timer, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_setup(state, &pm_timer, err);
}

const struct workload workload_exit_pmtimer = {
	.name = "exit.pmtimer",
	.summary = "reading a timer's I/O port, which the hypervisor emulates",
	.op = "one byte read of the ACPI PM timer's port",
	.source = "kvm-unit-tests vmexit inl_from_pmtimer",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.state_size = sizeof(struct peek),
	.probe = probe,
	.setup = setup,
	.run = peek_run,
	.digest = tally_digest,
	.teardown = peek_teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
