/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small agent, on a machine that is not the run's: what it does there and what it leaves alone.
 * The programs beside it are stand-ins that write down how they were called.
 */
#include "tests/check.h"

#include <elf.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/layer_message.h"
#include "lib/child.h"
#include "lib/clock.h"

enum { AGENT_BYTES_MAX = 2000000 };
#define LIMIT_NS (30 * NS_PER_S)

/* A directory with the agent's program in it, and nothing else of the suite. */
struct world {
	char *dir, program[512], path[600];
	struct child agent;
	struct buf said;
};

static void write_script(struct world *w, const char *name, const char *text)
{
	struct buf path = BUF_INIT;
	struct err err;

	buf_addf(&path, "%s/%s", w->dir, name);
	assert_works(file_write_whole(buf_str(&path), text, strlen(text), &err), err);
	assert_int_equal(chmod(buf_str(&path), 0755), 0);
	buf_release(&path);
}

/* What a script wrote down; the caller releases it. */
static struct buf notes_of(struct world *w, const char *name)
{
	struct buf path = BUF_INIT, notes = BUF_INIT;
	struct err err;

	buf_addf(&path, "%s/%s.called", w->dir, name);
	(void)file_read(buf_str(&path), 1 << 20, &notes, &err);
	buf_release(&path);
	return notes;
}

static void begin(struct world *w, const char *program)
{
	const char *const copy[] = {"cp", program, NULL, NULL};
	const char *argv[4];
	struct err err;

	*w = (struct world){.dir = test_dir_make(), .agent = CHILD_NONE, .said = BUF_INIT};
	snprintf(w->program, sizeof(w->program), "%s/program", w->dir);
	memcpy(argv, copy, sizeof(copy));
	argv[2] = w->program;
	assert_works(child_run(argv, NULL, NULL, LIMIT_NS, &w->said, &err), err);
	write_script(w, "nestkernel", "#!/bin/sh\necho \"$*\" >>\"${0%/*}/nestkernel.called\"\n");
	write_script(w, "modprobe", "#!/bin/sh\necho \"$*\" >>\"${0%/*}/modprobe.called\"\n");
	snprintf(w->path, sizeof(w->path), "%s:/usr/bin:/bin", w->dir);
	assert_int_equal(setenv("PATH", w->path, 1), 0);
}

static void end(struct world *w)
{
	child_stop(&w->agent, 0);
	buf_release(&w->said);
	test_dir_remove(w->dir);
}

static void start(struct world *w, const char *lease)
{
	const char *const argv[] = {w->program, "agent", "--port", "-", lease ? "--lease" : NULL,
				    lease,	NULL};
	struct err err;

	assert_works(child_start(&w->agent, argv, NULL, &err), err);
}

static void tell(struct world *w, const char *line)
{
	assert_int_equal(file_write_all(w->agent.in, line, strlen(line)), 0);
}

/* Reads until this was said; false: the agent ended, or took longer. */
static bool hear(struct world *w, const char *word, uint64_t limit_ns)
{
	uint64_t until = clock_now(&clock_machine) + limit_ns;
	struct pollfd p = {.fd = w->agent.out, .events = POLLIN};
	char chunk[4096];

	while (!strstr(buf_str(&w->said), word) && clock_now(&clock_machine) < until) {
		ssize_t got = poll(&p, 1, 100) > 0 ? read(p.fd, chunk, sizeof(chunk)) : -1;

		if (got == 0)
			return false;
		if (got > 0)
			buf_add(&w->said, chunk, (size_t)got);
	}
	return strstr(buf_str(&w->said), word) != NULL;
}

static void configure(struct world *w, bool own_kernel)
{
	struct layer_inside in = {.work_dir = w->dir, .own_kernel = own_kernel};
	json_t *m = configure_message(1, 1, &in);
	char *line = json_dumps(m, JSON_COMPACT);

	tell(w, line);
	tell(w, "\n");
	free(line);
	json_decref(m);
}

static void run_a_workload(struct world *w, bool own_kernel)
{
	start(w, NULL);
	configure(w, own_kernel);
	tell(w,
	     "{\"id\":3,\"to\":1,\"do\":\"run\",\"argv\":[\"nop\"],\"copies\":1,\"spread\":1}\n");
	if (!hear(w, "\"done\"", LIMIT_NS))
		fail_msg("the run does not end: %s", buf_str(&w->said));
}

/* No kernel module is loaded, and not all memory is touched. */
static void leaves_the_machine_alone(void **state)
{
	static const struct {
		const char *program;
		bool own_kernel, limited;
	} cases[] = {
		{NESTBENCH, true, false},
		{NESTBENCH, false, true},
		{SMALL_AGENT, false, true},
		{SMALL_AGENT, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf kernel, modules;
		struct world w;

		begin(&w, cases[i].program);
		run_a_workload(&w, cases[i].own_kernel);
		kernel = notes_of(&w, "nestkernel");
		modules = notes_of(&w, "modprobe");
		assert_non_null(strstr(buf_str(&kernel), "--lockstep"));
		assert_int_equal(strstr(buf_str(&kernel), "--touch-limit") != NULL,
				 cases[i].limited);
		assert_int_equal(modules.len, 0);
		buf_release(&kernel);
		buf_release(&modules);
		end(&w);
	}
}

/* Those of whoever logs in there, or of sshd. */
static void hands_no_variables_on(void **state)
{
	static const char *const poisoned[] = {"OPENSSL_ia32cap",
					       "GLIBC_TUNABLES",
					       "LD_BIND_NOW",
					       "MALLOC_ARENA_MAX",
					       "GSL_RNG_SEED",
					       "TZ",
					       NULL};
	static const char *const programs[] = {NESTBENCH, SMALL_AGENT};

	(void)state;
	for (const char *const *name = poisoned; *name; name++)
		setenv(*name, "1", 1);
	for (size_t i = 0; i < 2; i++) {
		struct buf seen;
		struct world w;

		begin(&w, programs[i]);
		write_script(&w, "nestkernel", "#!/bin/sh\nenv >\"${0%/*}/nestkernel.called\"\n");
		run_a_workload(&w, false);
		seen = notes_of(&w, "nestkernel");
		assert_non_null(strstr(buf_str(&seen), "LC_ALL=C\n"));
		for (const char *const *name = poisoned; *name; name++)
			if (strstr(buf_str(&seen), *name))
				fail_msg("%s hands on %s", programs[i], *name);
		buf_release(&seen);
		end(&w);
	}
	for (const char *const *name = poisoned; *name; name++)
		unsetenv(*name);
}

static void is_one_small_program(void **state)
{
	struct buf file = BUF_INIT;
	const Elf64_Ehdr *head;
	struct err err;

	(void)state;
	if (TEST_SANITIZED)
		skip();
	assert_works(file_read(SMALL_AGENT, 64 << 20, &file, &err), err);
	assert_true(file.len < AGENT_BYTES_MAX);
	head = (const void *)file.data;
	for (unsigned i = 0; i < head->e_phnum; i++) {
		const Elf64_Phdr *part = (const void *)(file.data + head->e_phoff);

		assert_int_not_equal(part[i].p_type, PT_INTERP);
	}
	buf_release(&file);
}

static void describes_and_answers(void **state)
{
	struct world w;

	(void)state;
	begin(&w, SMALL_AGENT);
	start(&w, NULL);
	configure(&w, false);
	tell(&w,
	     "{\"id\":4,\"to\":1,\"do\":\"describe\",\"measured_vcpus\":1,\"planned_vcpus\":1}\n"
	     "{\"id\":5,\"to\":1,\"do\":\"ping\"}\n{\"id\":6,\"to\":1,\"do\":\"noise\"}\n");
	assert_true(hear(&w, "\"id\":6", LIMIT_NS));
	assert_non_null(strstr(buf_str(&w.said), "\"is\":\"hello\""));
	assert_non_null(strstr(buf_str(&w.said), "\"measured_cpus\""));
	assert_non_null(strstr(buf_str(&w.said), "\"nestkernel_sha256\""));
	assert_non_null(strstr(buf_str(&w.said), "\"now_ns\""));
	assert_null(strstr(buf_str(&w.said), "\"error\""));
	tell(&w, "{\"id\":7,\"to\":1,\"do\":\"stop\"}\n");
	assert_true(hear(&w, "\"id\":7", LIMIT_NS));
	end(&w);
}

/* Layers whose driver is a module cannot be started by it, which says what to do. */
static void refuses_what_needs_a_module(void **state)
{
	static const char *const members[] = {"kernel", "initrd", "disk"};
	const struct layer_spec spec = {.depth = 2,
					.siblings = 1,
					.vcpus = 1,
					.measured_vcpus = 1,
					.memory_bytes = 64 << 20,
					.run = "r"};
	const struct device_request wish = {.hugepages = false};
	struct world w;
	struct err err;
	json_t *m;
	char *line;

	(void)state;
	begin(&w, SMALL_AGENT);
	start(&w, NULL);
	m = configure_message(1, 1, &(struct layer_inside){.work_dir = w.dir});
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(m, members[i], json_string(w.program));
	line = json_dumps(m, JSON_COMPACT);
	tell(&w, line);
	tell(&w, "\n");
	free(line);
	json_decref(m);
	m = start_message(driver_find("kvm", &err), &spec, &wish);
	json_object_set_new(m, "id", json_integer(8));
	json_object_set_new(m, "to", json_integer(1));
	json_object_set_new(m, "do", json_string("start_child"));
	line = json_dumps(m, JSON_COMPACT);
	tell(&w, line);
	tell(&w, "\n");
	assert_true(hear(&w, "\"error\"", LIMIT_NS));
	if (!strstr(buf_str(&w.said), "statically linked") ||
	    !strstr(buf_str(&w.said), "install nestbench on that machine"))
		fail_msg("%s", buf_str(&w.said));
	free(line);
	json_decref(m);
	end(&w);
}

/* It ends by itself when nothing comes for so long, whatever it is doing. */
static void ends_with_its_lease(void **state)
{
	struct world w;
	int status;

	(void)state;
	begin(&w, SMALL_AGENT);
	write_script(&w, "nestkernel",
		     "#!/bin/sh\necho $$ >\"${0%/*}/nestkernel.called\"\nexec sleep 60\n");
	start(&w, "2s");
	configure(&w, false);
	tell(&w,
	     "{\"id\":3,\"to\":1,\"do\":\"run\",\"argv\":[\"nop\"],\"copies\":1,\"spread\":1}\n");
	/* Empty lines keep it alive for longer than the lease. */
	for (int i = 0; i < 8; i++) {
		usleep(500000);
		tell(&w, "\n");
	}
	assert_int_equal(child_look(w.agent.pid), CHILD_RUNS);
	assert_int_equal(child_wait(&w.agent, 10 * NS_PER_S, &status), 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	{
		struct buf pid = notes_of(&w, "nestkernel");

		assert_true(pid.len > 0);
		assert_int_equal(kill((pid_t)strtol(buf_str(&pid), NULL, 10), 0), -1);
		buf_release(&pid);
	}
	end(&w);
}

/* Without one it waits for ever. */
static void has_no_lease_by_itself(void **state)
{
	struct world w;

	(void)state;
	begin(&w, SMALL_AGENT);
	start(&w, NULL);
	configure(&w, false);
	sleep(3);
	tell(&w, "{\"id\":5,\"to\":1,\"do\":\"ping\"}\n");
	assert_true(hear(&w, "\"now_ns\"", LIMIT_NS));
	end(&w);
}

static void refuses_bad_options(void **state)
{
	static const char *const bad[][3] = {
		{"run"}, {"agent", "run"}, {"agent", "--lease", "0s"}, {"--lease", "x"}};
	struct world w;

	(void)state;
	begin(&w, SMALL_AGENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const argv[] = {w.program, bad[i][0], bad[i][1], bad[i][2], NULL};
		struct child c = CHILD_NONE;
		struct err err;
		int status;

		assert_works(child_start(&c, argv, NULL, &err), err);
		assert_int_equal(child_wait(&c, LIMIT_NS, &status), 1);
		assert_int_equal(WEXITSTATUS(status), EXIT_USAGE);
		child_stop(&c, 0);
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_the_machine_alone),
		cmocka_unit_test(hands_no_variables_on),
		cmocka_unit_test(is_one_small_program),
		cmocka_unit_test(describes_and_answers),
		cmocka_unit_test(refuses_what_needs_a_module),
		cmocka_unit_test(ends_with_its_lease),
		cmocka_unit_test(has_no_lease_by_itself),
		cmocka_unit_test(refuses_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
