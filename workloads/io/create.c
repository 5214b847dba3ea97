/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures small files: one is created, 4 KiB are written to it and flushed, and the file of 64
 * operations ago is removed, in one directory of an ext4 file system. The file system is made in
 * the upper half of the scratch and reached through a loop device, in the same way in every layer,
 * L0 included, whose scratch is a file. So all layers do the same work above their own disk. It
 * needs root, a loop device and mke2fs; without them it is skipped with the reason. With sync=none
 * the flush is left out: what remains is the file system's work in memory, and now and then its
 * journal.
 *
 * With threads=N each has a file system of its own. Not measured: large directories, reading.
 *
 * Source: fs_mark -s 4096 -S 1; postmark.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "workloads/lib/detached_mount.h"
#include "workloads/lib/scratch.h"
#include "workloads/lib/state.h"

enum { FILES = 64, NAME = 32, TRIES = 16 };
#define FS_BYTES (UINT64_C(32) << 20)
#define FIXED_UUID "6e657374-6265-4e63-8e65-737462656e63"

enum { FLUSH, NO_FLUSH };

struct state {
	struct tally tally;
	int root; /* 0: none */
	bool flush;
	uint64_t seed;
	uint64_t data[SCRATCH_BLOCK / 8];
};

static const char *const syncs[] = {[FLUSH] = "fsync", [NO_FLUSH] = "none", NULL};

enum { SYNC };
static const struct param params[] = {
	[SYNC] = {"sync", PARAM_CHOICE, .choices = syncs, .help = "fsync every file, or none"},
	{0},
};

/* Makes a loop device over the upper half that goes away with its last user. Returns its
 * descriptor. */
static int attach(const struct scratch *scratch, char device[static NAME], struct err *err)
{
	const struct loop_config config = {
		.fd = (unsigned)scratch->fd,
		.block_size = SCRATCH_BLOCK,
		.info = {.lo_offset = scratch->write_start,
			 .lo_sizelimit = FS_BYTES,
			 .lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO},
	};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = -1, why = errno;

	/* Another process may take the free one first. */
	for (int i = 0; i < TRIES && control >= 0 && fd < 0; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		snprintf(device, NAME, "/dev/loop%d", number);
		if (number >= 0)
			fd = open(device, O_RDWR | O_CLOEXEC);
		why = errno;
		if (fd >= 0 && ioctl(fd, LOOP_CONFIGURE, &config) < 0) {
			why = errno;
			close(fd);
			fd = -1;
			if (why != EBUSY)
				break;
		}
	}
	if (control >= 0)
		close(control);
	errno = why;
	return fd >= 0 ? fd
		       : err_errno(err, EXIT_MACHINE,
				   "no loop device to make a file system on (it takes root and the "
				   "module loop)");
}

static int find_mke2fs(struct err *err)
{
	/* busybox has a program of that name without ext4. */
	static const char *const argv[] = {"mke2fs", "-V", NULL};
	struct buf out = BUF_INIT;
	struct err why;
	int found = child_run(argv, NULL, NULL, 60 * NS_PER_S, &out, &why);

	buf_release(&out);
	return found == 0 ? 0
			  : err_set(err, EXIT_MACHINE,
				    "no mke2fs in this layer (nestbench image --with e2fsprogs)");
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	char device[NAME], got[SIZE_TEXT];
	struct scratch scratch;
	int loop = -1, root = -1, bad = 0;

	if (scratch_open(env, O_RDWR, &scratch, err) < 0)
		return -1;
	if (scratch.room < FS_BYTES)
		bad = err_set(err, EXIT_MACHINE,
			      "the scratch %s has %s, but a file system in its half takes 64MiB",
			      env->scratch, format_size(2 * scratch.room, got));
	if (bad == 0)
		bad = find_mke2fs(err);
	if (bad == 0)
		bad = loop = attach(&scratch, device, err);
	if (loop >= 0)
		close(loop);
	close(scratch.fd);
	/* A tmpfs shows whether mounting is allowed. */
	if (bad >= 0)
		bad = root = detached_mount("tmpfs", NULL, false, err);
	if (root >= 0)
		close(root);
	return bad < 0 ? -1 : 0;
}

/* Every option is given, so that no configuration file makes layers differ. */
static int make_fs(const char *device, struct err *err)
{
	static const char features[] =
		"none,has_journal,ext_attr,dir_index,filetype,extent,flex_bg,sparse_super,"
		"large_file,huge_file,extra_isize,metadata_csum,64bit";
	static const char extended[] =
		"nodiscard,lazy_itable_init=0,lazy_journal_init=0,hash_seed=" FIXED_UUID;
	const char *const argv[] = {"mke2fs", "-q", "-F",     "-t",   "ext4",	  "-b",
				    "4096",   "-I", "256",    "-N",   "1024",	  "-m",
				    "0",      "-J", "size=4", "-U",   FIXED_UUID, "-O",
				    features, "-E", extended, device, NULL};
	struct buf out = BUF_INIT;
	int done = child_run(argv, NULL, NULL, 120 * NS_PER_S, &out, err);

	buf_release(&out);
	return done;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct scratch scratch;
	int loop, root = -1;
	char device[NAME];

	s->flush = arg[SYNC] == FLUSH;
	s->seed = mix64(env->seed);
	for (uint64_t i = 0; i < SCRATCH_BLOCK / 8; i++)
		s->data[i] = mix64(s->seed ^ i);
	if (scratch_open(env, O_RDWR, &scratch, err) < 0)
		return -1;
	loop = attach(&scratch, device, err);
	if (loop >= 0 && make_fs(device, err) == 0)
		root = detached_mount("ext4", device, false, err);
	/* From here on only the mount holds them. */
	if (loop >= 0)
		close(loop);
	close(scratch.fd);
	if (root < 0)
		return -1;
	s->root = root;
	return 0;
}

static const char *name_of(uint64_t op, char name[NAME])
{
	snprintf(name, NAME, "file%" PRIu64, op);
	return name;
}

static int create(struct state *s, struct err *err)
{
	char name[NAME];
	ssize_t put;
	int fd, bad = 0;

	s->data[0] = mix64(s->seed + s->tally.done);
	s->tally.sum = (s->tally.sum << 1 | s->tally.sum >> 63) ^ s->data[0];
	fd = openat(s->root, name_of(s->tally.done, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot create %s", name);
	put = write(fd, s->data, SCRATCH_BLOCK);
	if (put < 0)
		bad = err_errno(err, EXIT_MACHINE, "cannot write %s", name);
	else if (put != SCRATCH_BLOCK)
		bad = err_set(err, EXIT_MACHINE, "%s took %zd of %d bytes", name, put,
			      SCRATCH_BLOCK);
	else if (s->flush && fsync(fd) < 0)
		bad = err_errno(err, EXIT_MACHINE, "fsync of %s failed", name);
	close(fd);
	return bad;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	char name[NAME];

	for (uint64_t i = 0; i < n; i++, s->tally.done++) {
		if (create(s, err) < 0)
			return -1;
		if (s->tally.done >= FILES &&
		    unlinkat(s->root, name_of(s->tally.done - FILES, name), 0) < 0)
			return err_errno(err, EXIT_MACHINE, "cannot remove %s", name);
	}
	return 0;
}

/* Closing the last descriptor unmounts, and frees the loop device. */
static void teardown(void *state)
{
	close_fd(&((struct state *)state)->root);
}

const struct workload workload_io_create = {
	.name = "io.create",
	.summary = "small files: one is created and written, an old one removed",
	.op = "one file of 4 KiB created, written and (sync=fsync) flushed, and one removed",
	.source = "fs_mark -s 4096 -S 1",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.needs = NEEDS_SCRATCH,
	.module = "loop",
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.bytes_per_op = scratch_block_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "sync=none"),
	.known_ops = 100,
	.known_digest = UINT64_C(0x5ef468df03a16789),
};
