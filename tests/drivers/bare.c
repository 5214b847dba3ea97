/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bare driver, with shell scripts in the place of an agent. */
#include "tests/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/agent_process.h"
#include "drivers/driver.h"
#include "lib/clock.h"

struct world {
	char *dir, *program;
	struct layer layer;
};

static int begin(void **state)
{
	static struct world w;

	w = (struct world){.dir = test_dir_make(), .layer = LAYER_INIT};
	assert_true(asprintf(&w.program, "%s/agent", w.dir) > 0);
	w.layer.driver = &driver_bare;
	w.layer.spec.work_dir = w.dir;
	w.layer.spec.program = w.program;
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	driver_bare.stop(&w->layer);
	facts_release(&w->layer.facts);
	evidence_release(&w->layer.evidence);
	free(w->program);
	test_dir_remove(w->dir);
	return 0;
}

static void write_agent(const struct world *w, const char *body)
{
	struct buf text = BUF_INIT;
	struct err err;

	buf_addf(&text, "#!/bin/sh\n%s", body);
	assert_works(file_write_whole(w->program, text.data, text.len, &err), err);
	assert_int_equal(chmod(w->program, 0755), 0);
	buf_release(&text);
}

static void expect_line(const struct world *w, const char *want)
{
	char got[2048];
	size_t len = 0;

	while (len < sizeof(got) - 1 && !memchr(got, '\n', len)) {
		struct pollfd p = {.fd = w->layer.fd, .events = POLLIN};
		ssize_t n;

		assert_int_equal(poll(&p, 1, 5000), 1);
		n = read(w->layer.fd, got + len, sizeof(got) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	got[len] = '\0';
	assert_string_equal(got, want);
}

static uint64_t seconds_since(uint64_t start)
{
	return (clock_now(&clock_machine) - start) / NS_PER_S;
}

static void talks_both_ways_and_ends_at_end_of_file(void **state)
{
	struct world *w = *state;
	uint64_t start = clock_now(&clock_machine);
	char mark[300];
	struct err err;

	snprintf(mark, sizeof(mark), "%s/ended", w->dir);
	write_agent(w, "echo hello\nwhile read line; do echo \"got $line\"; done\n"
		       "echo talk >&2\n: > \"${0%agent}ended\"\n");
	assert_works(driver_bare.start(&w->layer, &err), err);
	assert_non_null(facts_get(&w->layer.facts, "boot_ns"));
	expect_line(w, "hello\n");
	assert_int_equal(write(w->layer.fd, "ping\n", 5), 5);
	expect_line(w, "got ping\n");
	driver_bare.stop(&w->layer);
	assert_int_equal(w->layer.fd, -1);
	assert_int_equal(access(mark, F_OK), 0);
	assert_true(seconds_since(start) < 5);
}

static void its_files_are_the_machines(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "echo \"$@\"\ncat >/dev/null\n");
	w->layer.spec.disk = "/i/disk";
	w->layer.spec.kernel = "/i/kernel";
	w->layer.spec.initrd = "/i/initrd";
	w->layer.spec.scratch = "/s/scratch";
	assert_works(driver_bare.start(&w->layer, &err), err);
	expect_line(w, "agent --port -\n");
	assert_string_equal(w->layer.inside.work_dir, w->dir);
	assert_string_equal(w->layer.inside.disk, "/i/disk");
	assert_string_equal(w->layer.inside.kernel, "/i/kernel");
	assert_string_equal(w->layer.inside.initrd, "/i/initrd");
	assert_string_equal(w->layer.inside.scratch, "/s/scratch");
	assert_string_equal(facts_get(&w->layer.facts, "kind"), "bare");
	assert_string_equal(facts_get(&w->layer.facts, "isolation"), "none");
}

static void its_stderr_is_kept(void **state)
{
	struct world *w = *state;
	char path[300], line[64];
	struct err err;

	write_agent(w, "echo trouble >&2\necho hello\ncat >/dev/null\n");
	assert_works(driver_bare.start(&w->layer, &err), err);
	snprintf(path, sizeof(path), "%s/agent.log", w->dir);
	assert_true(file_line(line, sizeof(line), "%s", path));
	assert_string_equal(line, "trouble");
}

static void no_such_program(void **state)
{
	struct world *w = *state;
	struct err err;

	assert_fails(driver_bare.start(&w->layer, &err), err, EXIT_MACHINE, "not installed");
	assert_int_equal(w->layer.fd, -1);
}

static void ends_before_a_word(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "echo no memory >&2\nexit 1\n");
	assert_fails(driver_bare.start(&w->layer, &err), err, EXIT_INTERNAL,
		     "ended before it said hello: no memory");
	assert_int_equal(w->layer.fd, -1);
	assert_true(w->layer.lost);
	assert_string_equal(buf_str(&w->layer.evidence.part[EVIDENCE_CONSOLE]), "no memory\n");
}

static void says_nothing(void **state)
{
	struct world *w = *state;
	uint64_t start = clock_now(&clock_machine);
	struct err err;

	write_agent(w, "exec sleep 60\n");
	w->layer.spec.boot_limit_ns = 200 * NS_PER_MS;
	assert_fails(driver_bare.start(&w->layer, &err), err, EXIT_INTERNAL,
		     "said nothing within 0.2");
	assert_true(w->layer.lost);
	assert_true(seconds_since(start) < 10);
}

static void is_cancelled(void **state)
{
	struct world *w = *state;
	struct err err;
	int cancel[2];

	write_agent(w, "exec sleep 60\n");
	assert_int_equal(pipe(cancel), 0);
	close(cancel[1]);
	w->layer.spec.cancel_fd = cancel[0];
	assert_fails(driver_bare.start(&w->layer, &err), err, EXIT_INTERRUPTED, "cancelled");
	assert_false(w->layer.lost);
	close(cancel[0]);
}

static void takes_its_children_along(void **state)
{
	struct world *w = *state;
	char number[32];
	ssize_t n;
	struct err err;
	pid_t pid;

	write_agent(w, "sleep 60 >/dev/null & echo $!\nread line\nexit 0\n");
	assert_works(driver_bare.start(&w->layer, &err), err);
	n = read(w->layer.fd, number, sizeof(number) - 1);
	assert_true(n > 0);
	number[n] = '\0';
	pid = (pid_t)atoi(number);
	assert_true(pid > 1);
	driver_bare.stop(&w->layer);
	/* A killed orphan may stay a zombie for a while; it must not run any more. */
	for (int i = 0; kill(pid, 0) == 0 && i < 500; i++) {
		char path[64], stat[256];

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		if (!file_line(stat, sizeof(stat), "%s", path) || strstr(stat, ") Z "))
			return;
		usleep(10000);
		assert_true(i < 499);
	}
}

static void stop_can_be_called_at_any_time(void **state)
{
	struct world *w = *state;

	driver_bare.stop(&w->layer);
	driver_bare.stop(&w->layer);
}

/* Of one depth, side by side, each has its own directory. */
static void places_differ(void **state)
{
	struct layer_spec spec[3] = {{.layer = 1, .depth = 1, .work_dir = "/w"},
				     {.layer = 2, .depth = 1, .work_dir = "/w"},
				     {.layer = 2, .sibling = 1, .depth = 1, .work_dir = "/w"}};
	char dir[3][AGENT_SUB_DIR], log[PATH_MAX];

	(void)state;
	for (int i = 0; i < 3; i++)
		agent_process_place("kind", &spec[i], dir[i], log);
	assert_string_not_equal(dir[0], dir[1]);
	assert_string_not_equal(dir[1], dir[2]);
	assert_string_equal(log, "/w/kind-2-1/agent.log");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(talks_both_ways_and_ends_at_end_of_file, begin,
						end),
		cmocka_unit_test_setup_teardown(its_files_are_the_machines, begin, end),
		cmocka_unit_test_setup_teardown(its_stderr_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(no_such_program, begin, end),
		cmocka_unit_test_setup_teardown(ends_before_a_word, begin, end),
		cmocka_unit_test_setup_teardown(says_nothing, begin, end),
		cmocka_unit_test_setup_teardown(is_cancelled, begin, end),
		cmocka_unit_test(places_differ),
		cmocka_unit_test_setup_teardown(takes_its_children_along, begin, end),
		cmocka_unit_test_setup_teardown(stop_can_be_called_at_any_time, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
