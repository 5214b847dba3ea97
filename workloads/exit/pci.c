/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what a guest pays for touching an emulated device by I/O ports: its kernel reads four
 * bytes of a PCI device's configuration, whose address is written to one port and whose data are
 * read from another. The exit goes to the user space of the parent layer and back. Not measured: a
 * device's work and its interrupt. On real hardware a read goes to the chipset, which is slow as
 * well.
 *
 * Source: kvm-unit-tests x86/vmexit.c "portio-no-eventfd:pci-io".
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "workloads/lib/peek.h"

#define DEVICES "/sys/bus/pci/devices"

/* Of the first device that there is. */
static int open_config(struct err *err)
{
	DIR *dir = opendir(DEVICES);
	char path[512];
	int fd = -1;

	if (!dir)
		return err_errno(err, EXIT_MACHINE, "this layer shows no PCI device (" DEVICES ")");
	for (struct dirent *e = readdir(dir); e && fd < 0; e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%.255s/config", e->d_name);
		fd = openat(dirfd(dir), path, O_RDONLY | O_CLOEXEC);
	}
	closedir(dir);
	return fd >= 0 ? fd : err_set(err, EXIT_MACHINE, "there is no PCI device in " DEVICES);
}

static const struct peek_place device_id = {
	.open = open_config, .size = 4, .what = "a PCI device's configuration"};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_probe(&device_id, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_setup(state, &device_id, err);
}

const struct workload workload_exit_pci = {
	.name = "exit.pci",
	.summary = "reading a PCI device's configuration, which the hypervisor emulates",
	.op = "four bytes read by two I/O ports",
	.source = "kvm-unit-tests vmexit portio-no-eventfd:pci-io",
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
