/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures building software: the layer's compiler translates, file by file, a fixed tree of
 * sources that this kernel has written into a file system in memory. Processes start, fresh memory
 * is touched and branches are hard to predict: the mixture for which nesting has been measured
 * longest. Layers compare only with the same compiler, which the note names. Each object must exist
 * afterwards and look like one; a test links the tree and runs it.
 *
 * Not measured: the disk, the linker, several compilers at once.
 *
 * Source: kernel builds (make), as in the nEPT patch series (2012): L1 25 s, L2 29 s with nested
 * EPT, 87 s and 105 s without.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "workloads/lib/detached_mount.h"
#include "workloads/lib/state.h"

enum { UNITS = 8, FUNCTIONS = 4 };

struct state {
	struct tally tally;
	int dir; /* 0: none */
	char path[32];
};

static int compiler_version(struct buf *out, struct err *err)
{
	static const char *const argv[] = {"gcc", "-dumpfullversion", NULL};

	return child_run(argv, NULL, NULL, 60 * NS_PER_S, out, err);
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct buf out = BUF_INIT;
	struct err why;
	int dir, found = compiler_version(&out, &why);

	buf_release(&out);
	if (found < 0)
		return err_set(err, EXIT_MACHINE,
			       "no compiler in this layer (nestbench image --with gcc)");
	dir = detached_mount("tmpfs", NULL, true, err);
	if (dir < 0)
		return -1;
	close(dir);
	return 0;
}

/* One function: a loop, a switch and a struct, with constants of its own. */
static void write_function(struct buf *text, int unit, int f)
{
	uint64_t random = mix64((uint64_t)unit << 32 | (uint64_t)f);

	buf_addf(text,
		 "static unsigned f%d(struct pair *p, unsigned x)\n"
		 "{\n"
		 "	unsigned a[8], i, sum = %" PRIu64 "u;\n"
		 "	for (i = 0; i < 8; i++)\n"
		 "		a[i] = x * %" PRIu64 "u + i;\n"
		 "	for (i = 0; i < x %% 64; i++) {\n"
		 "		switch ((a[i %% 8] + i) %% 5) {\n"
		 "		case 0: sum += a[(i + 1) %% 8]; break;\n"
		 "		case 1: sum ^= p->b << %" PRIu64 "; break;\n"
		 "		case 2: p->a += sum; break;\n"
		 "		case 3: a[i %% 8] = sum >> 3; break;\n"
		 "		default: p->b -= i * %" PRIu64 "u;\n"
		 "		}\n"
		 "	}\n"
		 "	return sum ^ p->a;\n"
		 "}\n",
		 f, random >> 40, random & 0xffff, 1 + (random >> 16) % 15, random >> 20 & 0xfff);
}

static void write_unit(struct buf *text, int unit)
{
	buf_addstr(text, "#include \"tree.h\"\n");
	for (int f = 0; f < FUNCTIONS; f++)
		write_function(text, unit, f);
	buf_addf(text,
		 "unsigned unit%d(unsigned x)\n{\n"
		 "	struct pair p = {x, %du};\n",
		 unit, unit);
	for (int f = 0; f < FUNCTIONS; f++)
		buf_addf(text, "	x += f%d(&p, x);\n", f);
	buf_addstr(text, "	return x;\n}\n");
}

static int write_file(int dir, const char *name, struct buf *text, struct err *err)
{
	int fd = -1, done = buf_check(text, err);

	if (done == 0)
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (done == 0 && (fd < 0 || file_write_all(fd, text->data, text->len) < 0))
		done = err_errno(err, EXIT_MACHINE, "cannot write %s of the tree", name);
	if (fd >= 0)
		close(fd);
	buf_clear(text);
	return done;
}

static int write_tree(int dir, struct err *err)
{
	struct buf text = BUF_INIT;
	char name[32];
	int done;

	buf_addstr(&text, "struct pair { unsigned a, b; };\n");
	for (int i = 0; i < UNITS; i++)
		buf_addf(&text, "unsigned unit%d(unsigned x);\n", i);
	done = write_file(dir, "tree.h", &text, err);
	for (int i = 0; i < UNITS && done == 0; i++) {
		snprintf(name, sizeof(name), "unit%d.c", i);
		write_unit(&text, i);
		done = write_file(dir, name, &text, err);
	}
	buf_release(&text);
	return done;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct buf version = BUF_INIT;
	int dir;

	if (compiler_version(&version, err) < 0) {
		buf_release(&version);
		return -1;
	}
	note_add(env, "gcc %.*s", (int)strcspn(buf_str(&version), "\n"), buf_str(&version));
	buf_release(&version);
	dir = detached_mount("tmpfs", NULL, true, err);
	if (dir < 0)
		return -1;
	s->dir = dir;
	/* Resolved in the child before it executes the compiler. */
	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", dir);
	return write_tree(dir, err);
}

/* The object must exist, and is removed, so that it is not found again. */
static int take_object(struct state *s, const char *name, struct err *err)
{
	char start[4] = "";
	int fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, start, sizeof(start));

	if (fd >= 0)
		close(fd);
	if (got != sizeof(start) || memcmp(start, "\177ELF", sizeof(start)) != 0)
		return err_set(err, EXIT_MACHINE, "the compiler has not written %s", name);
	if (unlinkat(s->dir, name, 0) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot remove %s", name);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->tally.done++) {
		char from[16], to[16];
		/* -pipe: no temporary files. */
		const char *const argv[] = {"gcc", "-O2", "-pipe", "-c", from, "-o", to, NULL};
		struct buf out = BUF_INIT;
		int failed;

		snprintf(from, sizeof(from), "unit%d.c", (int)(s->tally.done % UNITS));
		snprintf(to, sizeof(to), "unit%d.o", (int)(s->tally.done % UNITS));
		failed = child_run(argv, s->path, NULL, 600 * NS_PER_S, &out, err);
		buf_release(&out);
		if (failed || take_object(s, to, err) < 0)
			return -1;
		s->tally.sum = mix64(s->tally.sum + s->tally.done % UNITS);
	}
	return 0;
}

static void teardown(void *state)
{
	close_fd(&((struct state *)state)->dir);
}

const struct workload workload_app_build = {
	.name = "app.build",
	.summary = "the layer's compiler translates a fixed tree in memory",
	.op = "one file compiled",
	.source = "make, as in kernel builds",
	.figure = "nested EPT patches for KVM (2012), single-threaded make: L1 25 s; L2 29 s with "
		  "nested EPT, 87 s with shadow tables on EPT, 105 s with shadow tables on shadow "
		  "tables",
	.class = CLASS_APP,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 2,
	.known_digest = UINT64_C(0x38da78f4f6dcb6f2),
};
