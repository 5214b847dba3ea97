/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what a guest pays for reading an emulated device's register in memory: the counter of
 * the HPET, which its driver lets root map (/dev/hpet). A nested page fault, whose instruction the
 * hypervisor decodes, and for which it goes to its user space and back; it is also what reading the
 * time costs where the HPET is the clock. Not measured: a device that is told by such a write and
 * answered for in the kernel (ioeventfd). On real hardware a read goes to the chipset, which is
 * slow as well.
 *
 * Source: kvm-unit-tests x86/vmexit.c "mmio-no-eventfd:pci-mem".
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/lib/state.h"

#define HPET "/dev/hpet"

enum { PAGE = 4096, COUNTER = 0xf0, ABSENT = ~0U };

struct state {
	struct tally tally; /* of reads that a device answered */
	volatile const char *registers;
};

static volatile const char *map_registers(struct err *err)
{
	int fd = open(HPET, O_RDONLY | O_CLOEXEC);
	void *at;

	if (fd < 0) {
		err_errno(err, EXIT_MACHINE, "cannot open " HPET);
		return NULL;
	}
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		return at;
	err_errno(err, EXIT_MACHINE, "the kernel lets nobody map " HPET " (hpet_mmap=1 does)");
	return NULL;
}

static void unmap_registers(volatile const char *registers)
{
	if (registers)
		munmap((void *)registers, PAGE);
}

static uint32_t read_counter(volatile const char *registers)
{
	return *(volatile const uint32_t *)(registers + COUNTER);
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	volatile const char *registers = map_registers(err);

	unmap_registers(registers);
	return registers ? 0 : -1;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->registers = map_registers(err);
	return s->registers ? 0 : -1;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++)
		s->tally.done += read_counter(s->registers) != (uint32_t)ABSENT;
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	unmap_registers(s->registers);
	s->registers = NULL;
}

const struct workload workload_exit_hpet = {
	.name = "exit.hpet",
	.summary = "reading a timer's register in memory, which the hypervisor emulates",
	.op = "four bytes read of the HPET's counter",
	.source = "kvm-unit-tests vmexit mmio-no-eventfd:pci-mem",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.needs = NEEDS_HPET,
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
