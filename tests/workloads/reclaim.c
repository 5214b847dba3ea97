/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's part is included, with a device that the test plays: its registers, and memory whose
 * physical addresses are the virtual ones without their highest bits.
 */
#include <sys/types.h>
#include <unistd.h>

static ssize_t device_read(int fd, void *to, size_t bytes, off_t at);
static ssize_t device_write(int fd, const void *from, size_t bytes, off_t at);
static int device_works(useconds_t us);
#define pread device_read
#define pwrite device_write
#define usleep device_works
#include "workloads/lib/reclaim.c"
#undef pread
#undef pwrite
#undef usleep

#include "tests/check.h"

#include <sys/stat.h>

#include "tests/workloads/drive.h"

enum { MIB = 1 << 20, MOST_RANGES = 20000, HIGHEST_BITS = 44 };

static char *dir;
static struct device {
	unsigned char reg[32];
	bool busy;	/* takes nothing back */
	bool keeps;	/* says that it did, and did not */
	bool scattered; /* no frame is another's neighbour */
	bool secret;	/* the kernel says no address */
	uint16_t ring;	/* entries of its queue */
	uint16_t done;
	size_t ranges, notified, range[2]; /* of 4 KiB, of 2 MiB */
} device;

static void *virtual(uint64_t at)
{
	uintptr_t here = (uintptr_t)stdout; /* in a library, beside the mappings */

	return (void *)((here >> HIGHEST_BITS << HIGHEST_BITS) | at);
}

static ssize_t frames_read(uint64_t *to, size_t bytes, off_t at)
{
	for (size_t i = 0; i < bytes / 8; i++) {
		uint64_t page = (uint64_t)at / 8 + i;

		to[i] = device.secret ? 0 : page & ((UINT64_C(1) << (HIGHEST_BITS - 12)) - 1);
		if (device.scattered)
			to[i] *= 2;
	}
	return (ssize_t)bytes;
}

static ssize_t device_read(int fd, void *to, size_t bytes, off_t at)
{
	if (at >= (off_t)sizeof(device.reg))
		return frames_read(to, bytes, at);
	memcpy(to, device.reg + at, bytes);
	if (at == QUEUE_SIZE)
		*(uint16_t *)to = device.reg[QUEUE] == 3 ? device.ring : 0;
	return (ssize_t)bytes;
}

static ssize_t device_write(int fd, const void *from, size_t bytes, off_t at)
{
	memcpy(device.reg + at, from, bytes);
	device.notified += at == NOTIFY;
	if (at == STATUS && device.reg[STATUS] == 0)
		device.done = 0;
	return (ssize_t)bytes;
}

static void take_back(const struct range *r)
{
	assert_true(r->flags & RANGE_WRITABLE);
	assert_true(r->bytes == PAGE || r->bytes == HUGE_PAGE);
	assert_int_equal(r->at % r->bytes, 0);
	device.range[r->bytes == HUGE_PAGE]++;
	device.ranges++;
	assert_true(device.ranges <= MOST_RANGES);
	if (!device.keeps)
		memset(virtual(r->at), 0, r->bytes);
}

static void take_table(const struct range *entry)
{
	const struct range *table = virtual(entry->at);
	size_t n = entry->bytes / sizeof(*table), i = 0;

	assert_int_equal(entry->flags, RANGE_TABLE);
	assert_int_equal(entry->at % PAGE, 0);
	assert_in_range(n, 1, TABLE);
	while (table[i].flags & RANGE_NEXT) {
		take_back(&table[i]);
		assert_int_equal(table[i].next, i + 1);
		i++;
	}
	take_back(&table[i]);
	assert_int_equal(i + 1, n);
}

/* Stands in for the wait of the one that asked. */
static int device_works(useconds_t us)
{
	uint32_t page;
	const struct range *ring;
	const struct available *asked;
	struct used *used;

	if (device.busy)
		return 0;
	assert_int_equal(device.reg[STATUS], 7);
	assert_int_equal(device.reg[NOTIFY], 3);
	memcpy(&page, device.reg + QUEUE_PAGE, sizeof(page));
	ring = virtual((uint64_t)page * PAGE);
	asked = (const struct available *)(ring + device.ring);
	used = virtual(((uint64_t)page + (device.ring == 1024 ? 5 : 1)) * PAGE);
	assert_int_equal(asked->flags, NO_INTERRUPT);
	for (; device.done != asked->count; device.done++)
		take_table(&ring[asked->entry[device.done % device.ring]]);
	used->count = device.done;
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[400];
	struct err err;

	snprintf(path, sizeof(path), "%s/0000:00:06.0/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* Of a VM: its balloon, without a driver. */
static int make(void **state)
{
	const uint32_t features = FEATURE_FREE_PAGES | FEATURE_TABLES;
	char path[400];

	(void)state;
	dir = test_dir_make();
	snprintf(path, sizeof(path), "%s/0000:00:06.0", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("vendor", "0x1af4\n");
	put("device", "0x1002\n");
	put("resource0", "");
	pci_devices = dir;
	device = (struct device){.ring = 32};
	memcpy(device.reg, &features, sizeof(features));
	return 0;
}

static int clear(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static char *map(size_t bytes)
{
	char *at = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

/* More pages than are given at once. */
static void each_page_is_taken_back(uint16_t ring)
{
	enum { BYTES = (TABLES * TABLE + 3) * PAGE };
	struct reclaim r = {0};
	char *at = map(BYTES);
	struct err err;

	device.ring = ring;
	device.ranges = device.notified = device.range[0] = 0;
	assert_works(reclaim_open(&r, at, BYTES, PAGE, &err), err);
	for (int round = 1; round <= 2; round++) {
		memset(at, 1, BYTES + 1);
		assert_works(reclaim_all(&r, &err), err);
		for (size_t i = 0; i < BYTES; i++)
			assert_int_equal(at[i], 0);
		assert_int_equal(at[BYTES], 1);
		assert_int_equal(device.range[0], round * (TABLES * TABLE + 3));
		assert_int_equal(device.notified, round * 2);
		assert_int_equal(device.reg[STATUS], 0);
	}
	reclaim_close(&r);
	reclaim_close(&r);
	munmap(at, BYTES + HUGE_PAGE);
}

static void test_each_page_is_taken_back(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* so much may be pinned by root alone */
	each_page_is_taken_back(32);
	each_page_is_taken_back(1024);
}

static void test_huge_pages_are_taken_back_whole(void **state)
{
	struct reclaim r = {0};
	char *mapping = map(2 * HUGE_PAGE), *at;
	struct err err;

	(void)state;
	at = (char *)(((uintptr_t)mapping + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	assert_works(reclaim_open(&r, at, HUGE_PAGE, HUGE_PAGE, &err), err);
	assert_works(reclaim_all(&r, &err), err);
	assert_int_equal(device.range[0], 0);
	assert_int_equal(device.range[1], 1);
	for (size_t i = 0; i < HUGE_PAGE; i++)
		assert_int_equal(at[i], 0);
	reclaim_close(&r);
	/* Not where a huge page begins. */
	assert_fails(reclaim_open(&r, at + PAGE, HUGE_PAGE, HUGE_PAGE, &err), err, EXIT_MACHINE,
		     "too few huge pages free");
	reclaim_close(&r);
	munmap(mapping, 3 * HUGE_PAGE);
}

/* What the layer lacks is said before anything is measured. */
static void test_probe(void **state)
{
	char path[400];
	struct err err;

	(void)state;
	assert_works(reclaim_probe(&err), err);
	device.reg[0] = 0;
	assert_fails(reclaim_probe(&err), err, EXIT_MACHINE, "free page reporting");
	snprintf(path, sizeof(path), "%s/0000:00:06.0/virtio3", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("virtio3/driver", "");
	assert_fails(reclaim_probe(&err), err, EXIT_MACHINE, "modprobe -r");
	put("device", "0x1000\n");
	assert_fails(reclaim_probe(&err), err, EXIT_MACHINE, "only a VM with a memory balloon has");
	pci_devices = "/nowhere";
	assert_fails(reclaim_probe(&err), err, EXIT_MACHINE, "only a VM with a memory balloon has");
}

static void fails_to_open(const char *why)
{
	struct reclaim r = {0};
	char *at = map(MIB);
	struct err err;

	assert_fails(reclaim_open(&r, at, MIB, PAGE, &err), err, EXIT_MACHINE, why);
	reclaim_close(&r);
	munmap(at, MIB + HUGE_PAGE);
}

static void test_memory_that_cannot_be_found(void **state)
{
	(void)state;
	device.scattered = true;
	fails_to_open("it is scattered");
	device.secret = true;
	fails_to_open("/proc/self/pagemap");
}

static void test_device_that_fails(void **state)
{
	struct reclaim r = {0};
	char *at = map(MIB);
	struct err err;

	(void)state;
	assert_works(reclaim_open(&r, at, MIB, PAGE, &err), err);
	device.busy = true;
	answer_limit_ns = 5 * NS_PER_MS;
	assert_fails(reclaim_all(&r, &err), err, EXIT_MACHINE, "no memory back for 5 ms");
	assert_int_equal(device.reg[STATUS], 0);
	r.queue = 2;
	assert_fails(reclaim_all(&r, &err), err, EXIT_MACHINE, "does not start");
	reclaim_close(&r);
	for (device.ring = 0; device.ring < 4096; device.ring += 2000) {
		assert_fails(reclaim_open(&r, at, MIB, PAGE, &err), err, EXIT_MACHINE,
			     "a power of two from 32 to 1024");
		reclaim_close(&r);
	}
	munmap(at, MIB + HUGE_PAGE);
	answer_limit_ns = 60 * NS_PER_S;
}

/* The kernel that is measured: the same work whatever backs it. */
static void test_cold_faults(void **state)
{
	static const struct workload_env env = {.seed = 1};
	const struct workload *w = workload_find("mem.fault");
	struct err err;
	void *s;

	(void)state;
	assert_true(drive(w, "size=1MiB backing=cold", &env, 3, 300) ==
		    drive(w, "size=1MiB", &env, 1, 900));
	/* Once in setup, and at the 257th, 513th and 769th page. */
	assert_int_equal(device.range[0], 4 * 256);
	s = drive_begin(w, "size=1MiB backing=cold", &env);
	assert_works(w->run(s, 256, &err), err);
	assert_int_equal(w->aside_ns(s), 0);
	assert_works(w->run(s, 1, &err), err);
	assert_true(w->aside_ns(s) > 0);
	assert_works(w->run(s, 1, &err), err);
	assert_int_equal(w->aside_ns(s), 0);
	drive_end(w, s);
	device.keeps = true;
	assert_fails(drive_try(w, "size=1MiB backing=cold", &env, 300, &err), err, EXIT_MACHINE,
		     "did not take back");
}

/* The fault by itself: only what was taken back is read. */
static void test_faults_alone(void **state)
{
	static const struct workload_env env = {.seed = 1};
	const struct workload *w = workload_find("exit.fault");
	struct err err;
	void *s;

	(void)state;
	s = drive_begin(w, "", &env);
	assert_int_equal(device.range[0], 512);
	assert_works(w->run(s, 512, &err), err);
	assert_int_equal(w->aside_ns(s), 0);
	assert_works(w->run(s, 1, &err), err);
	assert_true(w->aside_ns(s) > 0);
	assert_int_equal(device.range[0], 2 * 512);
	device.keeps = true;
	assert_fails(w->run(s, 512, &err), err, EXIT_MACHINE, "did not take back 1 of 512 pages");
	drive_end(w, s);
	assert_fails(drive_try(w, "", &env, 512, &err), err, EXIT_MACHINE,
		     "did not take back 512 of 512 pages");
}

static void test_cold_faults_where_it_cannot_be(void **state)
{
	static const struct workload_env env = {.seed = 1};
	static const char *const never[][2] = {{"backing=cold", "by=dontneed"},
					       {"backing=cold-huge", "pages=4k"}};
	const struct workload *w = workload_find("mem.fault");
	uint64_t arg[PARAMS_MAX];
	struct err err;

	(void)state;
	pci_devices = "/nowhere";
	assert_false(drive_can(w, "backing=cold", &env));
	assert_true(drive_can(w, "backing=warm", &env));
	assert_fails(workload_parse_params(w, never[0], 2, arg, &err), err, EXIT_USAGE,
		     "by=dontneed needs backing=warm");
	assert_fails(workload_parse_params(w, never[1], 2, arg, &err), err, EXIT_USAGE,
		     "backing=cold-huge needs pages=huge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_page_is_taken_back, make, clear),
		cmocka_unit_test_setup_teardown(test_huge_pages_are_taken_back_whole, make, clear),
		cmocka_unit_test_setup_teardown(test_probe, make, clear),
		cmocka_unit_test_setup_teardown(test_memory_that_cannot_be_found, make, clear),
		cmocka_unit_test_setup_teardown(test_device_that_fails, make, clear),
		cmocka_unit_test_setup_teardown(test_cold_faults, make, clear),
		cmocka_unit_test_setup_teardown(test_faults_alone, make, clear),
		cmocka_unit_test_setup_teardown(test_cold_faults_where_it_cannot_be, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
