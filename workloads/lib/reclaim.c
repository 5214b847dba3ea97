/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device is driven as a "legacy" one (Virtual I/O Device specification 1.2, 2.7 and 4.1.4.10):
 * its registers are I/O ports, whose accesses are no nested page faults. The kernel's PCI driver
 * holds it, but nothing drives it; several processes take turns by a lock on its registers.
 */
#include "workloads/lib/reclaim.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <liburing.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "workloads/lib/state.h"

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

/* Registers, by their offset. */
enum {
	HOST_FEATURES = 0,
	FEATURES = 4,
	QUEUE_PAGE = 8,
	QUEUE_SIZE = 12,
	QUEUE = 14,
	NOTIFY = 16,
	STATUS = 18
};
enum { STATUS_ACKNOWLEDGE = 1, STATUS_DRIVER = 2, STATUS_READY = 4 };
/* With free page hints their queue comes before the one for free pages. */
enum { FEATURE_HINTS = 1 << 3, FEATURE_FREE_PAGES = 1 << 5, FEATURE_TABLES = 1 << 28 };
enum { QUEUE_AFTER_STATISTICS = 3 };

/* Of the ring's entries, whose number the device says, the first are used: each points to a table.
 */
enum { TABLES = RECLAIM_TABLES, RING_MAX = 1024, RING_PAGES = 8 };
enum { TABLE = PAGE / 16, WORK_PAGES = 256 };
enum { RANGE_NEXT = 1, RANGE_WRITABLE = 2, RANGE_TABLE = 4, NO_INTERRUPT = 1 };

struct range {
	uint64_t at;
	uint32_t bytes;
	uint16_t flags, next;
};

struct available {
	uint16_t flags;
	_Atomic uint16_t count;
	uint16_t entry[];
};

struct used {
	uint16_t flags;
	_Atomic uint16_t count;
};

/* Where the devices are, and how long one may take; tests replace it. */
static const char *pci_devices = "/sys/bus/pci/devices";
static uint64_t answer_limit_ns = 60 * NS_PER_S;

/* Does anything but the kernel's PCI driver hold the device? */
static bool is_driven(const char *device)
{
	DIR *dir = file_dir("%s/%s", pci_devices, device);
	const char *name;
	bool driven = false;

	while ((name = file_dir_next(dir)))
		driven |= !strncmp(name, "virtio", 6) &&
			  file_exists("%s/%s/%s/driver", pci_devices, device, name);
	file_dir_close(dir);
	return driven;
}

static int find_device(char path[PATH_MAX], struct err *err)
{
	DIR *dir = file_dir("%s", pci_devices);
	char vendor[16], id[16];
	const char *name;
	bool found = false;

	while (!found && (name = file_dir_next(dir))) {
		found = file_line(vendor, sizeof(vendor), "%s/%s/vendor", pci_devices, name) &&
			file_line(id, sizeof(id), "%s/%s/device", pci_devices, name) &&
			!strcmp(vendor, "0x1af4") && !strcmp(id, "0x1002");
		if (found && is_driven(name)) {
			file_dir_close(dir);
			return err_set(err, EXIT_MACHINE,
				       "the kernel of this layer uses its memory balloon by itself "
				       "(free it: modprobe -r virtio_balloon)");
		}
		if (found)
			snprintf(path, PATH_MAX, "%s/%s/resource0", pci_devices, name);
	}
	file_dir_close(dir);
	if (found)
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"this layer has no way to give memory back to a parent layer (only a VM with "
		"a memory balloon has)");
}

static int open_device(struct err *err)
{
	char path[PATH_MAX];
	int fd;

	if (find_device(path, err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot reach this layer's memory balloon (root can)");
	return fd;
}

static int put_register(const struct reclaim *r, off_t reg, uint32_t value, size_t bytes)
{
	return pwrite(r->ports, &value, bytes, reg) == (ssize_t)bytes ? 0 : -1;
}

static uint32_t get_register(const struct reclaim *r, off_t reg, size_t bytes)
{
	uint32_t value = 0;

	return pread(r->ports, &value, bytes, reg) == (ssize_t)bytes ? value : 0;
}

/* From here on the device does nothing, and knows none of our memory. */
static int reset(const struct reclaim *r)
{
	return put_register(r, STATUS, 0, 1);
}

static int check_features(struct reclaim *r, struct err *err)
{
	uint32_t offered = get_register(r, HOST_FEATURES, 4);

	if ((offered & FEATURE_FREE_PAGES) && (offered & FEATURE_TABLES)) {
		r->queue = QUEUE_AFTER_STATISTICS + !!(offered & FEATURE_HINTS);
		return 0;
	}
	return err_set(err, EXIT_MACHINE,
		       "this layer's memory balloon takes no free pages (features 0x%" PRIx32
		       "; it needs free page reporting)",
		       offered);
}

/* Two at a time would select each other's queue. */
static int find_ring(struct reclaim *r, struct err *err)
{
	if (flock(r->ports, LOCK_EX) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot lock the memory balloon");
	r->ring = put_register(r, QUEUE, r->queue, 2) == 0
			  ? (uint16_t)get_register(r, QUEUE_SIZE, 2)
			  : 0;
	flock(r->ports, LOCK_UN);
	if (r->ring >= TABLES && r->ring <= RING_MAX && !(r->ring & (r->ring - 1)))
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "the queue for free pages of this layer's memory balloon has %u entries, "
		       "where a power of two from %d to %d is expected",
		       r->ring, (int)TABLES, (int)RING_MAX);
}

int reclaim_probe(struct err *err)
{
	struct reclaim r = {0};
	int result;

	r.ports = open_device(err);
	if (r.ports < 0)
		return -1;
	result = check_features(&r, err);
	close_fd(&r.ports);
	return result;
}

/* Long-term, as for a device: what is merely locked may still be moved to another frame. */
static int pin(struct reclaim *r, void *at, size_t bytes, struct err *err)
{
	const struct iovec memory[] = {{at, bytes}, {r->work, WORK_PAGES * PAGE}};
	struct io_uring ring;
	int result = io_uring_queue_init(1, &ring, 0);

	if (result == 0) {
		result = io_uring_register_buffers(&ring, memory, 2);
		r->pin = dup(ring.ring_fd);
		io_uring_queue_exit(&ring);
	}
	errno = -result;
	if (result < 0)
		return err_errno(err, EXIT_MACHINE, "cannot pin memory by io_uring");
	if (r->pin < 0) {
		r->pin = 0;
		return err_errno(err, EXIT_INTERNAL, "cannot copy a descriptor");
	}
	return 0;
}

/* The physical addresses of `pages` pages. */
static int find_frames(const void *at, uint64_t *frame, size_t pages, struct err *err)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t want = (ssize_t)(pages * sizeof(*frame)), got = -1;

	if (fd >= 0) {
		got = pread(fd, frame, (size_t)want,
			    (off_t)((uintptr_t)at / PAGE * sizeof(*frame)));
		close(fd);
	}
	for (size_t i = 0; i < pages && got == want; i++) {
		frame[i] = (frame[i] & ((UINT64_C(1) << 55) - 1)) * PAGE;
		got = frame[i] ? got : -1;
	}
	if (got == want)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "the kernel does not say where memory lies (/proc/self/pagemap; it tells "
		       "root)");
}

/* Turns the frames of pages into those of units. */
static int join_frames(struct reclaim *r, struct err *err)
{
	size_t pages = r->unit / PAGE;

	for (size_t i = 0; i < r->frames * pages; i++)
		if (r->frame[i] != r->frame[i / pages * pages] + i % pages * PAGE ||
		    (i % pages == 0 && r->frame[i] % r->unit))
			return err_set(err, EXIT_MACHINE,
				       "this layer has too few huge pages free (memory is "
				       "scattered; use a smaller size)");
	for (size_t i = 0; i < r->frames; i++)
		r->frame[i] = r->frame[i * pages];
	return 0;
}

/* Behind what is asked stands what is available, and from the next page on what is done. */
static size_t done_offset(const struct reclaim *r)
{
	size_t end = r->ring * (sizeof(struct range) + sizeof(uint16_t)) + 3 * sizeof(uint16_t);

	return (end + PAGE - 1) / PAGE * PAGE;
}

static size_t ring_pages(const struct reclaim *r)
{
	size_t end = done_offset(r) + r->ring * sizeof(uint64_t) + 3 * sizeof(uint16_t);

	return (end + PAGE - 1) / PAGE;
}

/* The work pages whose frames follow that of the first; false: they are not among them. */
static bool find_run(const uint64_t at[WORK_PAGES], size_t first, size_t pages,
		     size_t run[RING_PAGES])
{
	for (size_t n = 0; n < pages; n++) {
		run[n] = 0;
		while (run[n] < WORK_PAGES && at[run[n]] != at[first] + n * PAGE)
			run[n]++;
		if (run[n] == WORK_PAGES)
			return false;
	}
	return true;
}

static void use_for_ring(struct reclaim *r, const uint64_t at[WORK_PAGES],
			 const size_t run[RING_PAGES])
{
	size_t behind = r->ring * sizeof(struct range), tables = 0;
	bool taken[WORK_PAGES] = {false};

	for (size_t n = 0; n < ring_pages(r); n++)
		taken[run[n]] = true;
	r->ring_at = at[run[0]];
	r->asked = r->work + run[0] * PAGE;
	r->available = r->work + run[behind / PAGE] * PAGE + behind % PAGE;
	r->done = r->work + run[done_offset(r) / PAGE] * PAGE;
	for (size_t i = 0; tables < TABLES; i++)
		if (!taken[i]) {
			r->table_at[tables] = at[i];
			r->table[tables++] = r->work + i * PAGE;
		}
}

/* The ring takes work pages whose frames follow each other, others become tables. */
static int place_ring(struct reclaim *r, struct err *err)
{
	size_t pages = ring_pages(r), run[RING_PAGES];
	uint64_t at[WORK_PAGES];

	if (find_frames(r->work, at, WORK_PAGES, err) < 0)
		return -1;
	for (size_t first = 0; first < WORK_PAGES; first++)
		if (at[first] / PAGE <= UINT32_MAX && find_run(at, first, pages, run)) {
			use_for_ring(r, at, run);
			return 0;
		}
	return err_set(err, EXIT_MACHINE,
		       "no %zu of %d pages follow each other in this layer's memory: it is "
		       "scattered",
		       pages, (int)WORK_PAGES);
}

static int take_memory(struct reclaim *r, size_t bytes, struct err *err)
{
	void *work = mmap(NULL, WORK_PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	r->work = work == MAP_FAILED ? NULL : work;
	r->frame = calloc(bytes / PAGE + 1, sizeof(*r->frame));
	if (!r->work || !r->frame)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	memset(r->work, 0, WORK_PAGES * PAGE);
	return 0;
}

int reclaim_open(struct reclaim *r, void *at, size_t bytes, size_t unit, struct err *err)
{
	int fd = open_device(err);

	if (fd < 0)
		return -1;
	r->ports = fd;
	r->unit = unit;
	r->frames = bytes / unit;
	memset(at, 1, bytes);
	if (check_features(r, err) < 0 || find_ring(r, err) < 0 || take_memory(r, bytes, err) < 0 ||
	    pin(r, at, bytes, err) < 0 || find_frames(at, r->frame, bytes / PAGE, err) < 0)
		return -1;
	return join_frames(r, err) < 0 ? -1 : place_ring(r, err);
}

static int start_device(const struct reclaim *r, struct err *err)
{
	bool ok =
		reset(r) == 0 && put_register(r, STATUS, STATUS_ACKNOWLEDGE, 1) == 0 &&
		put_register(r, STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER, 1) == 0 &&
		put_register(r, FEATURES, FEATURE_FREE_PAGES | FEATURE_TABLES, 4) == 0 &&
		put_register(r, QUEUE, r->queue, 2) == 0 &&
		get_register(r, QUEUE_SIZE, 2) == r->ring &&
		put_register(r, QUEUE_PAGE, (uint32_t)(r->ring_at / PAGE), 4) == 0 &&
		put_register(r, STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_READY, 1) == 0;

	if (ok)
		return 0;
	return err_set(err, EXIT_MACHINE, "this layer's memory balloon does not start");
}

/* One entry of the ring: a table of up to TABLE units from this one on. Returns how many. */
static size_t fill_table(const struct reclaim *r, size_t entry, size_t first)
{
	size_t n = r->frames - first < TABLE ? r->frames - first : TABLE;
	struct range *table = (struct range *)r->table[entry];

	for (size_t i = 0; i < n; i++)
		table[i] = (struct range){
			.at = r->frame[first + i],
			.bytes = (uint32_t)r->unit,
			.flags = (uint16_t)(RANGE_WRITABLE | (i + 1 < n ? RANGE_NEXT : 0)),
			.next = (uint16_t)(i + 1),
		};
	((struct range *)r->asked)[entry] = (struct range){
		.at = r->table_at[entry],
		.bytes = (uint32_t)(n * sizeof(*table)),
		.flags = RANGE_TABLE,
	};
	return n;
}

/* Until the device has done all that was asked so far. */
static int wait_for_device(const struct reclaim *r, uint16_t asked, struct err *err)
{
	const struct used *used = (const struct used *)r->done;
	uint64_t start = clock_now(&clock_machine);

	while (atomic_load(&used->count) != asked) {
		if (clock_now(&clock_machine) - start > answer_limit_ns)
			return err_set(err, EXIT_MACHINE,
				       "the parent layer took no memory back for %" PRIu64 " ms",
				       answer_limit_ns / NS_PER_MS);
		usleep(50);
	}
	return 0;
}

static int give_all(const struct reclaim *r, struct err *err)
{
	struct available *available = (struct available *)r->available;
	uint16_t asked = 0;

	memset(r->done, 0, PAGE);
	available->flags = NO_INTERRUPT;
	atomic_store(&available->count, 0);
	if (start_device(r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->frames;) {
		for (size_t entry = 0; entry < TABLES && i < r->frames; entry++) {
			i += fill_table(r, entry, i);
			available->entry[asked++ % r->ring] = (uint16_t)entry;
		}
		atomic_store(&available->count, asked);
		if (put_register(r, NOTIFY, r->queue, 2) < 0)
			return err_errno(err, EXIT_MACHINE, "cannot ask the memory balloon");
		if (wait_for_device(r, asked, err) < 0)
			return -1;
	}
	return 0;
}

int reclaim_all(struct reclaim *r, struct err *err)
{
	int result;

	if (flock(r->ports, LOCK_EX) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot lock the memory balloon");
	result = give_all(r, err);
	reset(r);
	flock(r->ports, LOCK_UN);
	return result;
}

int reclaim_aside(struct reclaim *r, uint64_t *aside_ns, struct err *err)
{
	uint64_t start = clock_now(&clock_machine);
	int result = reclaim_all(r, err);

	*aside_ns += clock_now(&clock_machine) - start;
	return result;
}

int reclaim_check(uint64_t pages, uint64_t kept, struct err *err)
{
	if (kept == 0)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "the parent layer did not take back %" PRIu64 " of %" PRIu64
		       " pages (with huge pages of its own, or a device of the machine in the "
		       "layer, it cannot)",
		       kept, pages);
}

/* By itself the kernel lets go of the memory some time after the last descriptor is closed, and
 * counts it as the user's until then. */
static void unpin(struct reclaim *r)
{
	if (r->pin)
		syscall(__NR_io_uring_register, r->pin, IORING_UNREGISTER_BUFFERS, NULL, 0);
	close_fd(&r->pin);
}

void reclaim_close(struct reclaim *r)
{
	unpin(r);
	if (r->work)
		munmap(r->work, WORK_PAGES * PAGE);
	free(r->frame);
	close_fd(&r->ports);
	*r = (struct reclaim){0};
}
