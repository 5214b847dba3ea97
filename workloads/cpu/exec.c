/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures starting a program: fork, execve, the end of the program, wait. The program is a file of
 * 136 bytes whose code exits at once, made here and held in a memory file, so it is the same in
 * every layer and no file system, dynamic linker or C library is measured: the address space is
 * torn down, a new one built, a stack filled and the first pages faulted in. cpu.fork has the share
 * of the fork. Not measured, therefore: shared libraries and files, which make a real program's
 * start longer.
 *
 * Source: lmbench lat_proc exec, stress-ng --exec.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "workloads/lib/state.h"

/* The program's exit code, and its address. */
enum { WORD = 42, ADDRESS = 0x400000 };

struct program {
	Elf64_Ehdr file;
	Elf64_Phdr segment;
	uint8_t code[16];
};

static const struct program program = {
	.file = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT},
		 .e_type = ET_EXEC,
		 .e_machine = EM_X86_64,
		 .e_version = EV_CURRENT,
		 .e_entry = ADDRESS + offsetof(struct program, code),
		 .e_phoff = offsetof(struct program, segment),
		 .e_ehsize = sizeof(Elf64_Ehdr),
		 .e_phentsize = sizeof(Elf64_Phdr),
		 .e_phnum = 1},
	.segment = {.p_type = PT_LOAD,
		    .p_flags = PF_R | PF_X,
		    .p_vaddr = ADDRESS,
		    .p_paddr = ADDRESS,
		    .p_filesz = sizeof(struct program),
		    .p_memsz = sizeof(struct program),
		    .p_align = 4096},
	/* mov $60 (exit), %eax; mov $WORD, %edi; syscall */
	.code = {0xb8, 60, 0, 0, 0, 0xbf, WORD, 0, 0, 0, 0x0f, 0x05},
};

struct state {
	struct tally tally; /* of children that kept the word */
	int file;	    /* 0: none */
	char path[32];
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	int file = memfd_create("nestkernel-exec", MFD_CLOEXEC);

	if (file < 0)
		return err_errno(err, EXIT_MACHINE, "cannot make a memory file");
	s->file = file;
	/* It has no other name. Being open for writing does not prevent execve: only a path opened
	 * for writing counts as a writer. */
	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", file);
	if (file_write_all(file, &program, sizeof(program)) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot write a program into a memory file");
	return 0;
}

static int start(struct state *s, struct err *err)
{
	char *const argv[] = {s->path, NULL}, *const envp[] = {NULL};
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		return err_errno(err, EXIT_MACHINE, "cannot fork");
	if (child == 0) {
		execve(s->path, argv, envp);
		_exit(1);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, EXIT_MACHINE, "cannot wait for a child");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != WORD)
		return err_set(err, EXIT_MACHINE,
			       "a program in a memory file cannot be executed here "
			       "(vm.memfd_noexec, or a security module)");
	s->tally.done++;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	for (uint64_t i = 0; i < n; i++)
		if (start(state, err) < 0)
			return -1;
	return 0;
}

static void teardown(void *state)
{
	close_fd(&((struct state *)state)->file);
}

/* Only an attempt shows what a layer forbids. */
static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state s = {0};
	int bad = setup(&s, env, arg, err) < 0 ? -1 : start(&s, err);

	teardown(&s);
	return bad;
}

const struct workload workload_cpu_exec = {
	.name = "cpu.exec",
	.summary = "starting a tiny program and waiting for its end",
	.op = "one fork, execve, exit and wait",
	.source = "lmbench lat_proc exec, stress-ng --exec",
	.figure = "PVM (SOSP 2023) table 3 (lmbench): 422 us in a VM, 726 us in a nested VM; in 32 "
		  "containers at once 4.62 ms and 14 ms",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
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
