/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real containers, by bubblewrap and by libvirt, with shell scripts in the place of an agent. */
#include "tests/check.h"

#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/container/ability.h"
#include "drivers/container/container.h"
#include "drivers/driver.h"
#include "lib/affinity.h"
#include "lib/clock.h"
#include "lib/str.h"
#include "tests/drivers/tracefs.h"

enum { MEMORY_MIB = 200, NOBODY = 65534 };

static bool may_count; /* system calls */

struct world {
	char dir[32], program[64], work[64], run[24];
	struct layer layer;
	struct text_list options;
	struct placement place;
};

static void write_agent(const struct world *w, const char *body)
{
	struct buf text = BUF_INIT;
	struct err err;

	buf_addf(&text, "#!/bin/sh\n%s", body);
	assert_works(file_write_whole(w->program, text.data, text.len, &err), err);
	assert_int_equal(chmod(w->program, 0755), 0);
	buf_release(&text);
}

/* A layer on the last CPU that this test may use. */
static void world_make(struct world *w, const char *by)
{
	struct affinity mine = {0};
	struct err err;

	*w = (struct world){.dir = "/tmp/nbc-XXXXXX", .layer = LAYER_INIT};
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(chmod(w->dir, 0755), 0);
	snprintf(w->program, sizeof(w->program), "%s/agent", w->dir);
	snprintf(w->work, sizeof(w->work), "%s/work", w->dir);
	snprintf(w->run, sizeof(w->run), "t%d", (int)getpid());
	assert_int_equal(mkdir(w->work, 0700), 0);
	assert_works(affinity_read(&mine, &err), err);
	w->place.measured_count = 1;
	w->place.measured[0] = affinity_nth(&mine, (unsigned)affinity_count(&mine) - 1);
	affinity_release(&mine);
	w->options.item[w->options.count++] = by;
	w->layer.driver = &driver_container;
	w->layer.spec = (struct layer_spec){.layer = 1,
					    .depth = 1,
					    .siblings = 1,
					    .vcpus = 1,
					    .measured_vcpus = 1,
					    .memory_bytes = (uint64_t)MEMORY_MIB << 20,
					    .run = w->run,
					    .options = &w->options,
					    .work_dir = w->work,
					    .program = w->program,
					    .placement = &w->place,
					    .cancel_fd = -1};
}

static int begin_bwrap(void **state)
{
	static struct world w;

	world_make(&w, "by=bwrap");
	*state = &w;
	return 0;
}

static int begin_lxc(void **state)
{
	static struct world w;

	world_make(&w, "by=lxc");
	*state = &w;
	return 0;
}

static void expect_nothing_left(const struct world *w)
{
	DIR *dir = file_dir("%s", w->work);

	assert_null(file_dir_next(dir));
	file_dir_close(dir);
	for (size_t i = 0; i < 2; i++) {
		glob_t found = {0};
		char pattern[128];

		snprintf(pattern, sizeof(pattern),
			 i ? "/sys/fs/cgroup/{,*/}{,*/,*/*/}nestbench-%s-*"
			   : "/sys/fs/cgroup/{,*/}machine/*nestbench-%s-*",
			 w->run);
		assert_int_equal(glob(pattern, GLOB_BRACE, NULL, &found), GLOB_NOMATCH);
		globfree(&found);
	}
}

static int end(void **state)
{
	struct world *w = *state;
	struct err err;

	driver_container.stop(&w->layer);
	expect_nothing_left(w);
	facts_release(&w->layer.facts);
	evidence_release(&w->layer.evidence);
	assert_works(file_remove_tree(w->dir, &err), err);
	return 0;
}

static void read_line(const struct world *w, char *got, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && !memchr(got, '\n', len)) {
		struct pollfd p = {.fd = w->layer.fd, .events = POLLIN};
		ssize_t n;

		assert_int_equal(poll(&p, 1, 20000), 1);
		n = read(w->layer.fd, got + len, size - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	got[len] = '\0';
}

static void expect_line(const struct world *w, const char *want)
{
	char got[2048];

	read_line(w, got, sizeof(got));
	assert_string_equal(got, want);
}

static void talks_both_ways_and_ends_at_end_of_file(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "echo \"$@\"\nwhile read line; do echo \"got $line\"; done\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "agent --port -\n");
	assert_int_equal(write(w->layer.fd, "ping\n", 5), 5);
	expect_line(w, "got ping\n");
	assert_string_equal(facts_get(&w->layer.facts, "kind"), "container");
	assert_string_equal(facts_get(&w->layer.facts, "isolation"), "container");
	assert_string_equal(facts_get(&w->layer.facts, "emulated"), "no");
	assert_non_null(facts_get(&w->layer.facts, "boot_ns"));
	assert_non_null(facts_get(&w->layer.facts, "starter"));
	driver_container.stop(&w->layer);
	assert_int_equal(w->layer.fd, -1);
	expect_nothing_left(w);
	driver_container.stop(&w->layer);
}

/* Its processes, its temporary files and its network are its own; of others' files it may read all
 * and write none but what it was given. */
static void sees_what_it_is_given(void **state)
{
	struct world *w = *state;
	char scratch[80], disk[80], body[1400];
	struct err err;

	snprintf(scratch, sizeof(scratch), "%s/out", w->dir);
	assert_int_equal(mkdir(scratch, 0755), 0);
	str_addf(scratch, sizeof(scratch), "/scratch");
	assert_works(file_write_whole(scratch, "old\n", 4, &err), err);
	w->layer.spec.scratch = scratch;
	/* A second file of the same directory: neither hides the other. */
	snprintf(disk, sizeof(disk), "%s/out/disk", w->dir);
	assert_works(file_write_whole(disk, "root\n", 5, &err), err);
	w->layer.spec.disk = disk;
	snprintf(body, sizeof(body),
		 "said=\n"
		 "[ $$ -lt 20 ] || said=\"$said processes\"\n"
		 "[ -z \"$(ls /tmp | grep -v nbc-)\" ] || said=\"$said /tmp\"\n"
		 "echo x >/tmp/nestbench-test-inside || said=\"$said temporary\"\n"
		 "echo x >/dev/shm/x || said=\"$said shm\"\n"
		 "(echo x >/usr/nestbench-test) 2>/dev/null && said=\"$said /usr\"\n"
		 "(echo x >>'%s') 2>/dev/null && said=\"$said program\"\n"
		 "[ \"$(cat '%s')\" = old ] && echo new >'%s' || said=\"$said scratch\"\n"
		 "[ \"$(cat '%s')\" = root ] || said=\"$said disk\"\n"
		 "(echo new >'%s') 2>/dev/null && said=\"$said writable\"\n"
		 "echo x >'%s/c1-0/x' || said=\"$said work\"\n"
		 "[ $(grep -c : /proc/net/dev) = 1 ] || said=\"$said network\"\n"
		 "[ -e /usr/bin/env ] || said=\"$said programs\"\n"
		 "echo \"wrong:$said\"\nread line\n",
		 w->program, scratch, scratch, disk, disk, w->work);
	write_agent(w, body);
	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "wrong:\n");
	snprintf(body, sizeof(body), "%s/c1-0", w->work);
	assert_string_equal(w->layer.inside.work_dir, body);
	assert_string_equal(w->layer.inside.scratch, scratch);
	assert_true(file_line(body, sizeof(body), "%s", scratch));
	assert_string_equal(body, "new");
	assert_true(file_exists("%s/c1-0/x", w->work));
	assert_false(file_exists("/tmp/nestbench-test-inside"));
}

/* A shell reads a line byte by byte, so that its length is that many system calls. */
static void say_line(const struct world *w, int length)
{
	char line[128];

	snprintf(line, sizeof(line), "%0*d\n", length - 1, 0);
	assert_int_equal(write(w->layer.fd, line, (size_t)length), length);
	expect_line(w, "read\n");
	usleep(20000);
}

/* -1: there is none. */
static int64_t reading(struct world *w, enum counting how, const char *source, const char *reason)
{
	struct counts c = {0};

	driver_container.count(&w->layer, how, &c);
	for (size_t i = 0; i < c.count; i++)
		if (strcmp(count_source_name(c.item[i].source), source) == 0 &&
		    strcmp(c.item[i].reason, reason) == 0)
			return (int64_t)c.item[i].n;
	return -1;
}

static int64_t calls_of_line(struct world *w, int length)
{
	int64_t before = reading(w, COUNTING_READ, "perf", "syscalls");

	say_line(w, length);
	return reading(w, COUNTING_READ, "perf", "syscalls") - before;
}

static void is_counted(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "echo hello\nwhile read line; do echo read; done\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "hello\n");
	assert_true(reading(w, COUNTING_READ, "proc", "page_faults") > 0);
	assert_true(reading(w, COUNTING_READ, "proc", "context_switches") >= 0);
	assert_int_equal(reading(w, COUNTING_READ, "perf", "syscalls"), -1);
	assert_int_equal(reading(w, COUNTING_BEGIN, "perf", "syscalls") >= 0, may_count);
	/* The call that waits for the line may begin before or behind the first reading. */
	if (may_count)
		assert_in_range(calls_of_line(w, 90) - calls_of_line(w, 20), 69, 71);
	(void)reading(w, COUNTING_END, "perf", "syscalls");
	assert_int_equal(reading(w, COUNTING_READ, "perf", "syscalls"), -1);
	/* What is begun ends with the container. */
	(void)reading(w, COUNTING_BEGIN, "perf", "syscalls");
}

static void has_its_cpus(void **state)
{
	struct world *w = *state;
	char want[64];
	struct err err;

	write_agent(w, "sed -n 's/Cpus_allowed_list:.//p' /proc/self/status\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	snprintf(want, sizeof(want), "%d\n", w->place.measured[0]);
	expect_line(w, want);
}

static void says_that_there_are_fewer_cpus(void **state)
{
	struct world *w = *state;
	struct err err;

	w->layer.spec.vcpus = w->layer.spec.measured_vcpus = 2;
	w->place.measured[1] = w->place.measured[0];
	w->place.measured_count = 2;
	write_agent(w, "echo hello\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	assert_non_null(
		strstr(facts_get(&w->layer.facts, "not_honoured"), "(1), not 2 to be measured"));
}

/* By a control group of its own, where one can be made. */
static void bwrap_limits_memory(void **state)
{
	struct world *w = *state;
	char dir[PATH_MAX], number[32], *name;
	const char *limit;
	int version;
	struct err err;

	write_agent(w, "echo hello\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	limit = facts_get(&w->layer.facts, "memory_limit");
	if (memory_group_base("", dir, &version, &err) < 0) {
		assert_null(limit);
		assert_non_null(strstr(facts_get(&w->layer.facts, "not_honoured"),
				       "memory is not limited"));
		return;
	}
	assert_non_null(limit);
	name = version == 1 ? "memory.limit_in_bytes" : "memory.max";
	assert_true(file_line(number, sizeof(number), "%s/%s", limit, name));
	assert_int_equal(strtoull(number, NULL, 10), (uint64_t)MEMORY_MIB << 20);
	assert_true(file_line(number, sizeof(number), "%s/cgroup.procs", limit));
	assert_true(number[0]);
	str_copy(dir, sizeof(dir), limit);
	driver_container.stop(&w->layer);
	assert_false(file_exists("%s", dir));
}

static void lxc_limits_memory(void **state)
{
	struct world *w = *state;
	char got[128];
	struct err err;

	write_agent(w, "sed -n 's/MemTotal: *//p' /proc/meminfo\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	read_line(w, got, sizeof(got));
	assert_int_equal(strtoull(got, NULL, 10), MEMORY_MIB << 10);
}

static void ends_before_a_word(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "echo no memory >&2\nexit 1\n");
	assert_fails(driver_container.start(&w->layer, &err), err, EXIT_INTERNAL,
		     "ended before it said hello: no memory");
	assert_int_equal(w->layer.fd, -1);
	assert_true(w->layer.lost);
	expect_nothing_left(w);
}

static void says_nothing(void **state)
{
	struct world *w = *state;
	struct err err;

	write_agent(w, "exec sleep 600\n");
	w->layer.spec.boot_limit_ns = 300 * NS_PER_MS;
	assert_fails(driver_container.start(&w->layer, &err), err, EXIT_INTERNAL,
		     "said nothing within 0.3");
	assert_true(w->layer.lost);
	expect_nothing_left(w);
}

static void is_cancelled(void **state)
{
	struct world *w = *state;
	struct err err;
	int cancel[2];

	write_agent(w, "exec sleep 600\n");
	assert_int_equal(pipe(cancel), 0);
	close(cancel[1]);
	w->layer.spec.cancel_fd = cancel[0];
	assert_fails(driver_container.start(&w->layer, &err), err, EXIT_INTERRUPTED, "cancelled");
	close(cancel[0]);
	expect_nothing_left(w);
}

static void takes_its_processes_along(void **state)
{
	struct world *w = *state;
	uint64_t until = clock_now(&clock_machine) + 10 * NS_PER_S;
	struct stat st;
	struct err err;

	write_agent(w, "sleep 600 </dev/null >/dev/null 2>&1 & echo hello\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "hello\n");
	assert_int_equal(stat(w->layer.inside.work_dir, &st), 0);
	driver_container.stop(&w->layer);
	assert_true(clock_now(&clock_machine) < until);
	expect_nothing_left(w);
}

/* A process takes more than there is; what is known of that is kept. */
static void tells_that_memory_ran_out(void **state)
{
	struct world *w = *state;
	char dir[PATH_MAX];
	int version;
	struct err err;

	if (memory_group_base("", dir, &version, &err) < 0)
		skip();
	write_agent(
		w,
		"echo talk >&2\necho hello\nread line\n"
		"perl -e '$x = \"x\" x 400000000; print length($x)' >&2\necho done\nread line\n");
	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "hello\n");
	assert_int_equal(write(w->layer.fd, "go\n", 3), 3);
	expect_line(w, "done\n");
	driver_container.examine(&w->layer);
	assert_non_null(strstr(w->layer.evidence.why, "its memory ran out"));
	assert_non_null(strstr(buf_str(&w->layer.evidence.part[EVIDENCE_CONSOLE]), "talk"));
}

static void start_and_expect_hello(struct world *w)
{
	struct err err;

	assert_works(driver_container.start(&w->layer, &err), err);
	expect_line(w, "hello\n");
}

/* What one of several makes for the machine stays while others use it. */
static void side_by_side(void **state)
{
	struct world *w = *state, other;
	void *rest = &other;
	struct stat st;

	world_make(&other, "by=lxc");
	other.layer.spec.options = &other.options;
	other.layer.spec.layer = 2;
	write_agent(w, "echo hello\nread line\n");
	write_agent(&other, "echo hello\nread line\n");
	start_and_expect_hello(w);
	start_and_expect_hello(&other);
	driver_container.stop(&w->layer);
	assert_int_equal(stat("/var/lib/libvirt", &st), 0);
	facts_release(&w->layer.facts);
	start_and_expect_hello(w);
	driver_container.stop(&w->layer);
	driver_container.stop(&other.layer);
	end(&rest);
}

static void wrong_options(void **state)
{
	struct world *w = *state;
	struct err err;

	w->options.item[0] = "by=docker";
	assert_fails(driver_container.check(&w->layer.spec, &err), err, EXIT_USAGE,
		     "by: there is no \"docker\": expected auto, lxc or bwrap");
	w->options.item[0] = "cpus=2";
	assert_fails(driver_container.check(&w->layer.spec, &err), err, EXIT_USAGE, "container");
	w->options.item[0] = "by=lxc";
	w->layer.spec.depth = 0;
	assert_fails(driver_container.check(&w->layer.spec, &err), err, EXIT_USAGE,
		     "needs a parent layer");
	w->layer.spec.depth = 1;
	assert_works(driver_container.check(&w->layer.spec, &err), err);
}

/* Does the rest of a test as an ordinary user, in a process of its own. */
static void as_nobody(struct world *w, int (*rest)(struct world *w, struct err *err))
{
	struct err *err =
		mmap(NULL, sizeof(*err), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	assert_true(err != MAP_FAILED);
	if (geteuid() == 0)
		assert_int_equal(chown(w->work, NOBODY, NOBODY), 0);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(99);
		_exit(rest(w, err));
	}
	assert_true(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("%d: %s", WEXITSTATUS(status), err->text);
	munmap(err, sizeof(*err));
}

static int start_and_stop(struct world *w, struct err *err)
{
	char byte;

	if (driver_container.start(&w->layer, err) < 0)
		return 1;
	if (read(w->layer.fd, &byte, 1) != 1 || byte != 'h')
		return 2;
	if (reading(w, COUNTING_BEGIN, "proc", "page_faults") <= 0 ||
	    reading(w, COUNTING_END, "perf", "syscalls") >= 0)
		return 3;
	driver_container.stop(&w->layer);
	return 0;
}

static void an_ordinary_user_has_containers(void **state)
{
	struct world *w = *state;

	w->options.count = 0; /* auto */
	write_agent(w, "echo hello\nread line\n");
	as_nobody(w, start_and_stop);
}

static int start_lxc_in_vain(struct world *w, struct err *err)
{
	if (driver_container.start(&w->layer, err) == 0)
		return 1;
	return err->code == EXIT_MACHINE && strstr(err->text, "run as root") ? 0 : 2;
}

static void an_ordinary_user_has_none_by_libvirt(void **state)
{
	struct world *w = *state;

	w->options.item[0] = "by=lxc";
	write_agent(w, "echo hello\nread line\n");
	as_nobody(w, start_lxc_in_vain);
}

#define WITH_BWRAP(f) cmocka_unit_test_setup_teardown(f, begin_bwrap, end)
#define WITH_LXC(f) cmocka_unit_test_setup_teardown(f, begin_lxc, end)

int main(void)
{
	static const struct CMUnitTest bwrap[] = {
		WITH_BWRAP(wrong_options),
		WITH_BWRAP(talks_both_ways_and_ends_at_end_of_file),
		WITH_BWRAP(sees_what_it_is_given),
		WITH_BWRAP(is_counted),
		WITH_BWRAP(has_its_cpus),
		WITH_BWRAP(says_that_there_are_fewer_cpus),
		WITH_BWRAP(bwrap_limits_memory),
		WITH_BWRAP(tells_that_memory_ran_out),
		WITH_BWRAP(ends_before_a_word),
		WITH_BWRAP(says_nothing),
		WITH_BWRAP(is_cancelled),
		WITH_BWRAP(takes_its_processes_along),
		WITH_BWRAP(an_ordinary_user_has_containers),
		WITH_BWRAP(an_ordinary_user_has_none_by_libvirt),
	};
	static const struct CMUnitTest lxc[] = {
		WITH_LXC(talks_both_ways_and_ends_at_end_of_file),
		WITH_LXC(sees_what_it_is_given),
		WITH_LXC(is_counted),
		WITH_LXC(has_its_cpus),
		WITH_LXC(lxc_limits_memory),
		WITH_LXC(tells_that_memory_ran_out),
		WITH_LXC(ends_before_a_word),
		WITH_LXC(says_nothing),
		WITH_LXC(is_cancelled),
		WITH_LXC(takes_its_processes_along),
		WITH_LXC(side_by_side),
	};
	struct ability a;
	struct err why;
	int failed;

	ability_read("", &a);
	if (ability_lacks_bwrap(&a, &why)) {
		printf("skipped: %s\n", why.text);
		return 77;
	}
	may_count = geteuid() == 0 && tracefs_mount();
	failed = cmocka_run_group_tests_name("bwrap", bwrap, NULL, NULL);
	if (ability_lacks_lxc(&a, &why))
		printf("without libvirt's containers: %s\n", why.text);
	else
		failed += cmocka_run_group_tests_name("lxc", lxc, NULL, NULL);
	return failed;
}
