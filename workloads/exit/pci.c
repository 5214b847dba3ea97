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
#include <unistd.h>

#include "workloads/lib/state.h"

#define DEVICES "/sys/bus/pci/devices"

struct state {
	struct tally tally; /* of results equal to the first */
	uint32_t first;
	int fd;
};

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

static int read_config(int fd, uint32_t *value, struct err *err)
{
	if (pread(fd, value, sizeof(*value), 0) == sizeof(*value))
		return 0;
	return err_errno(err, EXIT_MACHINE, "cannot read a PCI device's configuration");
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	int fd = open_config(err);
	uint32_t value;
	int rc;

	if (fd < 0)
		return -1;
	rc = read_config(fd, &value, err);
	close(fd);
	return rc;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	int fd = open_config(err);

	if (fd < 0)
		return -1;
	s->fd = fd;
	return read_config(fd, &s->first, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	uint32_t value;

	for (uint64_t i = 0; i < n; i++) {
		if (read_config(s->fd, &value, err) < 0)
			return -1;
		s->tally.done += value == s->first;
	}
	return 0;
}

static void teardown(void *state)
{
	close_fd(&((struct state *)state)->fd);
}

const struct workload workload_exit_pci = {
	.name = "exit.pci",
	.summary = "reading a PCI device's configuration, which the hypervisor emulates",
	.op = "four bytes read by two I/O ports",
	.source = "kvm-unit-tests vmexit portio-no-eventfd:pci-io",
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
