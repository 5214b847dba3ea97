/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/io/uring_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/parse.h"
#include "workloads/lib/scratch.h"

enum { SECTOR = 512, CHECKS = 8 };
enum { DIRECT, BUFFERED };

const char *const uring_caches[] = {[DIRECT] = "direct", [BUFFERED] = "buffered", NULL};

struct uring_slot {
	uint64_t *words; /* the block */
	uint64_t offset; /* in the scratch, bytes */
	uint32_t look;	 /* the first of the words that are checked */
};

static int ring_failed(int error, struct err *err)
{
	if (error == ENOSYS)
		return err_set(err, EXIT_MACHINE, "this layer's kernel has no io_uring");
	if (error == EPERM || error == EACCES)
		return err_set(err, EXIT_MACHINE,
			       "io_uring is forbidden here (a seccomp filter, or the sysctl "
			       "kernel.io_uring_disabled)");
	errno = error;
	return err_errno(err, EXIT_MACHINE, "cannot set up io_uring");
}

/*
 * A thread that waits in the kernel needs no interrupt for completions, and they need not be
 * processed on the way out of every submission. Only the thread that set the ring up may use it
 * then. fio sets the same flags.
 */
static int open_ring(struct io_uring *ring, uint32_t depth, struct err *err)
{
	static const unsigned flags[] = {
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
		IORING_SETUP_COOP_TASKRUN, /* before Linux 6.1 */
		0,			   /* before 5.19 */
	};
	int failed = -EINVAL;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && failed == -EINVAL; i++)
		failed = io_uring_queue_init(depth, ring, flags[i]);
	return failed < 0 ? ring_failed(-failed, err) : 0;
}

static int open_scratch(const struct workload_env *env, const uint64_t *arg, bool writing,
			struct scratch *scratch, struct err *err)
{
	int flags = writing ? O_WRONLY : O_RDONLY;

	return scratch_open(env, arg[URING_CACHE] == DIRECT ? flags | O_DIRECT : flags, scratch,
			    err);
}

int uring_check(const uint64_t *arg, struct err *err)
{
	char block[SIZE_TEXT], size[SIZE_TEXT];

	if (arg[URING_BLOCK] <= arg[URING_SIZE])
		return 0;
	return err_set(err, EXIT_USAGE, "block=%s is more than size=%s",
		       format_size(arg[URING_BLOCK], block), format_size(arg[URING_SIZE], size));
}

static int check_room(const struct workload_env *env, const uint64_t *arg,
		      const struct scratch *scratch, struct err *err)
{
	char want[SIZE_TEXT], got[SIZE_TEXT];

	if (arg[URING_SIZE] > scratch->room)
		return err_set(err, EXIT_MACHINE,
			       "the scratch %s has %s, but using %s takes twice that", env->scratch,
			       format_size(2 * scratch->room, got),
			       format_size(arg[URING_SIZE], want));
	return 0;
}

/* One no-op request: a ring may be allowed, but not its use. */
static int try_ring(struct err *err)
{
	struct io_uring ring;
	int got;

	if (open_ring(&ring, 1, err) < 0)
		return -1;
	io_uring_prep_nop(io_uring_get_sqe(&ring));
	got = io_uring_submit(&ring);
	io_uring_queue_exit(&ring);
	return got < 0 ? ring_failed(-got, err) : 0;
}

int uring_probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	bool writing = env->variant & URING_WRITE;
	void *block = NULL;
	struct scratch scratch;
	int bad;

	if (open_scratch(env, arg, writing, &scratch, err) < 0)
		return -1;
	bad = check_room(env, arg, &scratch, err);
	if (bad == 0)
		bad = try_ring(err);
	/*
	 * Some file systems refuse O_DIRECT only when it is used. A disk that cannot be read is a
	 * failure, not a skip.
	 */
	if (bad == 0 && !writing && posix_memalign(&block, SCRATCH_BLOCK, SCRATCH_BLOCK) != 0)
		bad = err_set(err, EXIT_INTERNAL, "out of memory");
	if (bad == 0 && !writing &&
	    pread(scratch.fd, block, SCRATCH_BLOCK, (off_t)scratch.read_start) < 0 &&
	    (errno == EINVAL || errno == EOPNOTSUPP))
		bad = err_errno(err, EXIT_MACHINE, "cannot read 4 KiB from the scratch %s",
				env->scratch);
	free(block);
	close(scratch.fd);
	return bad;
}

/* One word is checked in each page of a block that was read, or in each eighth of a large block, to
 * keep the cost of the check small. */
static uint32_t read_stride(const struct uring_state *s)
{
	uint32_t bytes = s->block / CHECKS / SCRATCH_BLOCK * SCRATCH_BLOCK;

	return (bytes ? bytes : SCRATCH_BLOCK) / 8;
}

/* Warms the page cache, so that it serves every read. */
static int warm_cache(const struct uring_state *s, struct err *err)
{
	for (uint64_t at = 0; at < s->blocks * s->block; at += s->block) {
		ssize_t got = pread(s->fd, s->memory.at, s->block, (off_t)(s->start + at));

		if (got < 0)
			return err_errno(err, EXIT_MACHINE,
					 "cannot read the scratch at byte %" PRIu64, s->start + at);
		if (got != (ssize_t)s->block)
			return err_set(err, EXIT_MACHINE, "the scratch ends within byte %" PRIu64,
				       s->start + at);
	}
	return 0;
}

/*
 * A block of several pages is contiguous where the layer has huge pages. In 4k pages it may be
 * scattered, with a descriptor of the device for each: 128 KiB took 149 us in place of 75 (medians
 * of 12 processes on a busy machine).
 */
static int prepare_slots(struct uring_state *s, bool direct, const struct workload_env *env,
			 struct err *err)
{
	uint64_t bytes = ((uint64_t)s->depth + 1) * s->block;
	enum pages_kind kind = direct && s->block > SCRATCH_BLOCK ? PAGES_HUGE : PAGES_4K;
	uint64_t *memory;

	if (pages_map(&s->memory, bytes, kind, err) < 0)
		return -1;
	memory = (uint64_t *)(void *)s->memory.at;
	for (size_t k = 0; k < ((size_t)s->depth + 1) * s->block / 8; k++)
		memory[k] = mix64(s->seed ^ k % (s->block / 8));
	s->slot = calloc(s->depth, sizeof(*s->slot));
	if (!s->slot)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (uint32_t i = 0; i < s->depth; i++)
		s->slot[i].words = memory + (size_t)i * s->block / 8;
	if (direct)
		s->spare = memory + (size_t)s->depth * s->block / 8;
	if (kind == PAGES_HUGE && !pages_got_huge(&s->memory))
		note_add(env, "blocks in 4k pages, which may be scattered");
	return 0;
}

int uring_setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct uring_state *s = state;
	struct scratch scratch;

	s->write = env->variant & URING_WRITE;
	s->random = env->variant & URING_RANDOM;
	if (open_scratch(env, arg, s->write, &scratch, err) < 0)
		return -1;
	s->fd = scratch.fd;
	s->depth = (uint32_t)arg[URING_DEPTH];
	s->block = (uint32_t)arg[URING_BLOCK];
	s->blocks = arg[URING_SIZE] / s->block;
	s->start = s->write ? scratch.write_start : scratch.read_start;
	s->seed = mix64(env->seed);
	if (prepare_slots(s, arg[URING_CACHE] == DIRECT, env, err) < 0)
		return -1;
	if (!s->write && arg[URING_CACHE] == BUFFERED && warm_cache(s, err) < 0)
		return -1;
	if (open_ring(&s->ring, s->depth, err) < 0)
		return -1;
	s->ring_ready = true;
	return 0;
}

static uint32_t write_stride(const struct uring_state *s)
{
	uint32_t bytes = s->block / 32;

	if (bytes < SECTOR)
		bytes = SECTOR;
	return (bytes < SCRATCH_BLOCK ? bytes : SCRATCH_BLOCK) / 8;
}

static void prepare(struct uring_state *s, uint64_t index, uint64_t op)
{
	struct uring_slot *slot = &s->slot[index];
	struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring); /* there are as many as slots */
	uint64_t block = (s->random ? mix64(s->seed + op) : op) % s->blocks;

	slot->offset = s->start + block * s->block;
	if (s->write) {
		/* New words in each sector, or in every few of a large block: no layer underneath
		 * can deduplicate the write. */
		uint32_t step = write_stride(s);

		for (uint32_t k = 0; k < s->block / 8; k += step) {
			slot->words[k] = mix64(s->seed + op * s->block + k);
			s->tally.sum += slot->words[k];
		}
		io_uring_prep_write(sqe, s->fd, slot->words, s->block, slot->offset);
	} else {
		/* Another sector each time. */
		slot->look =
			(uint32_t)(mix64(~op) % (read_stride(s) / (SECTOR / 8)) * (SECTOR / 8));
		io_uring_prep_read(sqe, s->fd, slot->words, s->block, slot->offset);
	}
	io_uring_sqe_set_data64(sqe, index);
	s->pending++;
}

static int check_words(struct uring_state *s, const struct uring_slot *slot, struct err *err)
{
	uint32_t step = read_stride(s);
	uint64_t sum = 0;

	for (uint32_t k = slot->look; k < s->block / 8; k += step) {
		if (slot->words[k] != scratch_word(slot->offset / 8 + k))
			return err_set(err, EXIT_MACHINE,
				       "the scratch holds wrong data at byte %" PRIu64
				       ": it was overwritten, or not filled by nestbench",
				       slot->offset + 8 * k);
		sum += slot->words[k];
	}
	s->tally.sum += mix64(sum);
	return 0;
}

static int complete(struct uring_state *s, const struct uring_slot *slot, int result,
		    struct err *err)
{
	const char *verb = s->write ? "write" : "read";

	if (result < 0) {
		errno = -result;
		return err_errno(err, EXIT_MACHINE, "cannot %s the scratch at byte %" PRIu64, verb,
				 slot->offset);
	}
	if ((uint32_t)result != s->block)
		return err_set(err, EXIT_MACHINE,
			       "the scratch ends at byte %" PRIu64 " within a %s of %" PRIu32
			       " bytes",
			       slot->offset + (uint32_t)result, verb, s->block);
	return s->write ? 0 : check_words(s, slot, err);
}

/* Submits each request at once: with one batch of all of them, the device and this CPU would wait
 * for each other in turns. What the kernel does not accept now goes with the next. */
static int start(struct uring_state *s, uint64_t index, uint64_t op, struct err *err)
{
	int got;

	prepare(s, index, op);
	got = io_uring_submit(&s->ring);
	return got < 0 && got != -EINTR && got != -EAGAIN ? ring_failed(-got, err) : 0;
}

/* Reaps a completion and starts the next request in its place; the data are checked afterwards,
 * while the device works. For that the two blocks change places. Without a spare block there is no
 * device that would wait. */
static int reap(struct uring_state *s, uint64_t *started, uint64_t last, struct err *err)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&s->ring, &cqe) == 0) {
		uint64_t index = io_uring_cqe_get_data64(cqe);
		struct uring_slot came = s->slot[index];
		int result = cqe->res;

		io_uring_cqe_seen(&s->ring, cqe);
		s->pending--;
		s->tally.done++;
		if (!s->spare && complete(s, &came, result, err) < 0)
			return -1;
		if (s->spare) {
			s->slot[index].words = s->spare;
			s->spare = came.words;
		}
		if (*started < last && start(s, index, (*started)++, err) < 0)
			return -1;
		if (s->spare && complete(s, &came, result, err) < 0)
			return -1;
	}
	return 0;
}

int uring_run(void *state, uint64_t n, struct err *err)
{
	struct uring_state *s = state;
	uint64_t started = s->tally.done, last = s->tally.done + n;

	for (uint32_t i = 0; i < s->depth && started < last; i++)
		if (start(s, i, started++, err) < 0)
			return -1;
	while (s->tally.done < last) {
		int got = io_uring_cq_ready(&s->ring) ? 0 : io_uring_submit_and_wait(&s->ring, 1);

		if (got < 0 && got != -EINTR)
			return ring_failed(-got, err);
		if (reap(s, &started, last, err) < 0)
			return -1;
	}
	return 0;
}

/* Requests still in flight after a failed batch use memory that is about to be freed. */
static void drain(struct uring_state *s)
{
	struct io_uring_cqe *cqe;

	while (s->pending && io_uring_submit_and_wait(&s->ring, 1) >= 0 &&
	       io_uring_wait_cqe(&s->ring, &cqe) == 0) {
		io_uring_cqe_seen(&s->ring, cqe);
		s->pending--;
	}
}

void uring_teardown(void *state)
{
	struct uring_state *s = state;

	if (s->ring_ready)
		drain(s);
	if (s->ring_ready)
		io_uring_queue_exit(&s->ring);
	/* Dirty pages must not disturb the next kernel. */
	if (s->fd && s->write)
		fdatasync(s->fd);
	close_fd(&s->fd);
	free(s->slot);
	pages_unmap(&s->memory);
	*s = (struct uring_state){0};
}

uint64_t uring_bytes_per_op(const uint64_t *arg)
{
	return arg[URING_BLOCK];
}
