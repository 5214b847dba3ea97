/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind ssh with a client that is a script in its place: the other side is a shell here. What a
 * server has to do with it is in tests/e2e/ssh.
 */
#include "tests/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "lib/child.h"
#include "lib/clock.h"

extern const struct driver driver_ssh;

struct world {
	char *dir, there[300], path[300];
	struct layer layer;
	struct text_list options;
};

/* The path of the user's programs stands behind that of the stand-in. */
static int begin(void **state)
{
	static struct world w;
	static char *path;

	path = path ? path : strdup(getenv("PATH"));
	w = (struct world){.layer = LAYER_INIT, .options = {.item = {"host=node"}, .count = 1}};
	w.dir = strdup("/tmp/nestbench-test-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.there, sizeof(w.there), "%s/there", w.dir);
	snprintf(w.path, sizeof(w.path), "%s/bin:%s", w.dir, path);
	assert_int_equal(mkdir(w.there, 0700), 0);
	setenv("PATH", w.path, 1);
	snprintf(w.path, sizeof(w.path), "%s/bin", w.dir);
	assert_int_equal(mkdir(w.path, 0700), 0);
	w.layer.driver = &driver_ssh;
	w.layer.spec.depth = 1;
	w.layer.spec.work_dir = w.dir;
	w.layer.spec.options = &w.options;
	*state = &w;
	return 0;
}

/* Nothing is left on the other side, whatever the test was. */
static int end(void **state)
{
	struct world *w = *state;

	driver_ssh.stop(&w->layer);
	facts_release(&w->layer.facts);
	evidence_release(&w->layer.evidence);
	for (int i = 0; rmdir(w->there) < 0; i++) {
		if (i == 200)
			fail_msg("something was left in %s", w->there);
		usleep(20000);
	}
	test_dir_remove(w->dir);
	return 0;
}

/* The client is this script; $last is the command line for the other side. */
static void write_client(const struct world *w, const char *body)
{
	struct buf text = BUF_INIT;
	char path[320];
	struct err err;

	buf_addf(&text,
		 "#!/bin/sh\n[ \"$*\" = -V ] && { echo OpenSSH_9.2p1, OpenSSL; exit; }\nfor last; "
		 "do :; done\nTMPDIR=%s\nexport TMPDIR\n%s\n",
		 w->there, body);
	snprintf(path, sizeof(path), "%s/ssh", w->path);
	assert_works(file_write_whole(path, text.data, text.len, &err), err);
	assert_int_equal(chmod(path, 0755), 0);
	buf_release(&text);
}

static void expect_hello(const struct world *w)
{
	struct pollfd p = {.fd = w->layer.fd, .events = POLLIN};
	char got[512];
	ssize_t len;

	assert_int_equal(poll(&p, 1, 20000), 1);
	len = read(w->layer.fd, got, sizeof(got) - 1);
	assert_true(len > 0);
	got[len] = '\0';
	assert_non_null(strstr(got, "\"hello\""));
}

static void starts_and_ends(struct world *w)
{
	struct stat st;
	struct err err;

	assert_works(driver_ssh.start(&w->layer, &err), err);
	expect_hello(w);
	assert_int_equal(strncmp(w->layer.inside.work_dir, w->there, strlen(w->there)), 0);
	assert_int_equal(stat(w->layer.inside.work_dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_string_equal(facts_get(&w->layer.facts, "kind"), "ssh");
	/* The machine itself tells. */
	assert_null(facts_get(&w->layer.facts, "emulated"));
	assert_string_equal(facts_get(&w->layer.facts, "ssh_host"), "node");
	assert_string_equal(facts_get(&w->layer.facts, "starter"), "OpenSSH_9.2p1");
	assert_non_null(facts_get(&w->layer.facts, "boot_ns"));
	driver_ssh.stop(&w->layer);
	assert_int_equal(w->layer.fd, -1);
}

static void with_the_users_shell(void **state)
{
	struct world *w = *state;

	write_client(w, "exec sh -c \"$last\"");
	starts_and_ends(w);
}

/* A machine that has nothing else, and a login that prints. */
static void with_busybox(void **state)
{
	struct world *w = *state;

	write_client(w,
		     "b=${0%/ssh}/busybox-bin; mkdir $b; for t in sh uname tar mktemp head rm cat "
		     "grep timeout; do ln -s $(command -v busybox) $b/$t; done\n"
		     "PATH=$b; echo Welcome; echo; exec sh -c \"$last\"");
	starts_and_ends(w);
}

static void scratch_is_made(void **state)
{
	struct world *w = *state;
	char path[300];
	struct stat st;
	struct err err;

	write_client(w, "exec sh -c \"$last\"");
	snprintf(path, sizeof(path), "%s/scratch-here", w->dir);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(truncate(path, 2 << 20), 0);
	w->layer.spec.scratch = path;
	assert_works(driver_ssh.start(&w->layer, &err), err);
	assert_int_equal(stat(w->layer.inside.scratch, &st), 0);
	assert_int_equal(st.st_size, 2 << 20);
	assert_int_equal(strncmp(w->layer.inside.scratch, w->there, strlen(w->there)), 0);
}

static void refused(struct world *w, const char *client, const char *said)
{
	struct err err;

	write_client(w, client);
	assert_fails(driver_ssh.start(&w->layer, &err), err, EXIT_MACHINE, said);
	assert_int_equal(w->layer.fd, -1);
	assert_null(w->layer.priv);
}

static void what_the_other_side_may_say(void **state)
{
	static const char mark[] = "echo nestbench-ssh:";
	static const struct {
		const char *words, *said;
	} bad[] = {
		{"dir there", "is not an absolute path"},
		{"dir /$(printf %080d 0)", "is not an absolute path"},
		{"fail", "the connection ended"},
		{"fail nonsense", "it cannot be prepared: nonsense"},
		{"fail dir No space left on device", "No space left on device"},
		{"fail machine Linux aarch64", "it is Linux aarch64"},
		{"ready", "the connection ended"},
	};
	char client[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(client, sizeof(client), "%s %s", mark, bad[i].words);
		refused(*state, client, bad[i].said);
	}
	refused(*state, "while :; do echo again; done", "prints without end");
	refused(*state, "exit 255", "the connection ended");
	refused(*state, "echo trouble >&2; exit 255", "the last it said was: trouble");
}

/* The answer of the script is found behind files that nobody takes. */
static void unpacking_fails(void **state)
{
	refused(*state,
		"echo nestbench-ssh: dir /x; head -c 1000 >/dev/null; echo nestbench-ssh: fail "
		"unpack No space left on device; exit 1",
		"No space left on device");
}

static void names_the_client_that_is_missing(void **state)
{
	struct world *w = *state;
	struct err err;

	setenv("PATH", w->dir, 1);
	assert_fails(driver_ssh.start(&w->layer, &err), err, EXIT_MACHINE, "ssh is not installed");
}

static void gives_up_in_time(void **state)
{
	struct world *w = *state;
	struct err err;

	write_client(w, "exec sleep 60");
	w->layer.spec.boot_limit_ns = NS_PER_S / 2;
	assert_fails(driver_ssh.start(&w->layer, &err), err, EXIT_MACHINE,
		     "it was not ready within");
	assert_true(w->layer.lost);
}

static void is_cancelled(void **state)
{
	struct world *w = *state;
	struct err err;
	int cancel[2];

	write_client(w, "exec sleep 60");
	assert_int_equal(pipe(cancel), 0);
	close(cancel[1]);
	w->layer.spec.cancel_fd = cancel[0];
	assert_fails(driver_ssh.start(&w->layer, &err), err, EXIT_INTERRUPTED, "cancelled");
	assert_false(w->layer.lost);
	close(cancel[0]);
}

static void a_lost_client_is_explained(void **state)
{
	struct world *w = *state;
	struct pollfd p;
	char byte[4096];
	struct err err;

	write_client(w, "(sleep 1; echo Timeout, server node not responding. >&2; kill 0) &\n"
			"exec 3<&0; cat <&3 | setsid sh -c \"$last\" 3<&- | cat");
	assert_works(driver_ssh.start(&w->layer, &err), err);
	expect_hello(w);
	p = (struct pollfd){.fd = w->layer.fd, .events = POLLIN};
	while (poll(&p, 1, 20000) == 1 && read(w->layer.fd, byte, sizeof(byte)) > 0)
		;
	driver_ssh.examine(&w->layer);
	assert_non_null(strstr(w->layer.evidence.why, "it does not answer any more"));
	assert_non_null(strstr(buf_str(&w->layer.evidence.part[EVIDENCE_CONSOLE]), "Timeout"));
}

/* ---- what decides, before anything is started ---- */

static struct {
	struct buf text;
	int failed;
} said;

static void __attribute__((format(printf, 4, 5)))
say(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
{
	va_list ap;

	(void)ctx;
	buf_addf(&said.text, "%d %s: ", (int)f, topic);
	va_start(ap, fmt);
	buf_vaddf(&said.text, fmt, ap);
	va_end(ap);
	buf_addstr(&said.text, "\n");
	said.failed += f == FINDING_FAIL;
}

static void requires(struct world *w, int failed, const char *part)
{
	const struct driver_probe probe = {.cancel_fd = -1, .say = say};

	buf_clear(&said.text);
	said.failed = 0;
	driver_ssh.require(&probe, &w->layer.spec);
	if (said.failed != failed || !strstr(buf_str(&said.text), part))
		fail_msg("%d failures, without \"%s\": %s", said.failed, part, buf_str(&said.text));
}

static void what_decides(void **state)
{
	struct world *w = *state;

	write_client(w, "exec sh -c \"$last\"");
	requires(w, 0, "reached: Linux x86_64");
	requires(w, 0, "OpenSSH_9.2p1\n");
	requires(w, 0, "free for the files, which take");
	w->layer.spec.below = 1;
	requires(w, 0, "in its CPU flags");
	w->layer.spec.below = 0;
	write_client(w, "echo Permission denied '(publickey)' >&2; exit 255");
	requires(w, 1, "it refuses the login");
	write_client(w, "echo nestbench-ssh: fail tool tar; exit 1");
	requires(w, 1, "it has no tar: install it there");
	write_client(w, "echo nestbench-ssh: free 1000");
	requires(w, 1, "only 1000 KiB are free");
	buf_release(&said.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_the_users_shell, begin, end),
		cmocka_unit_test_setup_teardown(with_busybox, begin, end),
		cmocka_unit_test_setup_teardown(scratch_is_made, begin, end),
		cmocka_unit_test_setup_teardown(what_the_other_side_may_say, begin, end),
		cmocka_unit_test_setup_teardown(unpacking_fails, begin, end),
		cmocka_unit_test_setup_teardown(names_the_client_that_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(gives_up_in_time, begin, end),
		cmocka_unit_test_setup_teardown(is_cancelled, begin, end),
		cmocka_unit_test_setup_teardown(a_lost_client_is_explained, begin, end),
		cmocka_unit_test_setup_teardown(what_decides, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
