/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kind ssh is made of, without a connection. */
#include "tests/check.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/ssh/complaint.h"
#include "drivers/ssh/files.h"
#include "drivers/ssh/options.h"
#include "drivers/ssh/payload.h"
#include "drivers/ssh/relay.h"
#include "drivers/ssh/script.h"
#include "drivers/ssh/talk.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/str.h"

extern const struct driver driver_ssh;

static int read_options(const char *word, struct ssh_options *o, struct ssh_target *to,
			struct err *err)
{
	const struct text_list list = {.item = {word, NULL}, .count = 1};
	const struct layer_spec spec = {.options = &list};

	return ssh_options_read(&spec, o, to, err);
}

static void hosts(void **state)
{
	static const struct {
		const char *word, *user, *host, *port;
	} good[] = {
		{"host=node", "", "node", ""},
		{"host=me@node.example:2222", "me", "node.example", "2222"},
		{"host=me@domain@node", "me@domain", "node", ""},
		{"host=[::1]:22", "", "::1", "22"},
		{"host=[fe80::1%eth0]", "", "fe80::1%eth0", ""},
		{"host=fe80::1", "", "fe80::1", ""},
	};
	struct ssh_options o;
	struct ssh_target to;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_works(read_options(good[i].word, &o, &to, &err), err);
		assert_string_equal(to.user, good[i].user);
		assert_string_equal(to.host, good[i].host);
		assert_string_equal(to.port, good[i].port);
	}
}

static void bad_options(void **state)
{
	static const struct {
		const char *word, *said;
	} bad[] = {
		{"agent=small", "ssh needs the machine"},
		{"host=", "is no host"},
		{"host=-oProxyCommand=id", "is no host"},
		{"host=-l@node", "is no host"},
		{"host=@node", "is no host"},
		{"host=no de", "is no host"},
		{"host=node;id", "is no host"},
		{"host=node:0", "the port of the host"},
		{"host=node:22x", "the port of the host"},
		{"host=node:", "the port of the host"},
		{"host=[::1]:", "the port of the host"},
		{"host=[::1", "is no host"},
		{"host=[::1]22", "is no host"},
		{"user=me", "user"},
	};
	struct ssh_options o;
	struct ssh_target to;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(read_options(bad[i].word, &o, &to, &err), err, EXIT_USAGE,
			     bad[i].said);
}

static void bad_second_options(void **state)
{
	static const char *const bad[] = {"agent=large", "dir=tmp", "dir=/tmp/$HOME", "dir=/a b"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct text_list list = {.item = {"host=node", bad[i], NULL}, .count = 2};
		const struct layer_spec spec = {.options = &list};

		assert_fails(driver_ssh.check(&spec, &err), err, EXIT_USAGE, "expected");
	}
}

static void which_agent(void **state)
{
	const struct text_list small = {.item = {"host=node", "agent=small", NULL}, .count = 2};
	const struct text_list automatic = {.item = {"host=node", NULL}, .count = 1};
	struct layer_spec spec = {.options = &small};
	struct ssh_options o;
	struct ssh_target to;
	struct err err;

	(void)state;
	assert_works(driver_ssh.check(&spec, &err), err);
	spec.below = 1;
	assert_fails(driver_ssh.check(&spec, &err), err, EXIT_USAGE, "starts no layers");
	spec.options = &automatic;
	assert_works(driver_ssh.check(&spec, &err), err);
	assert_works(ssh_options_read(&spec, &o, &to, &err), err);
	assert_true(ssh_sends_full(&o, &spec));
	spec.below = 0;
	assert_false(ssh_sends_full(&o, &spec));
}

static void command_line(void **state)
{
	struct ssh_options o;
	struct ssh_target to;
	const char *argv[SSH_ARGS];
	struct buf line = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(read_options("host=me@node:2222", &o, &to, &err), err);
	o.config = "/c/config";
	ssh_arguments(&o, &to, "the command", argv);
	for (size_t i = 0; argv[i]; i++)
		buf_addf(&line, "%s|", argv[i]);
	assert_non_null(strstr(buf_str(&line), "ssh|-T|"));
	assert_non_null(strstr(buf_str(&line), "|-oBatchMode=yes|"));
	assert_non_null(strstr(buf_str(&line), "|-F|/c/config|-l|me|-p|2222|--|node|the command|"));
	buf_release(&line);
}

/* ---- files ---- */

static int write_to(void *ctx, const void *data, size_t len, struct err *err)
{
	return file_write_all(*(int *)ctx, data, len) == 0 ? 0 : err_errno(err, 1, "write");
}

static void put_file(struct payload *p, const char *dir, const char *name, size_t size, mode_t mode)
{
	struct buf text = BUF_INIT, path = BUF_INIT;
	struct err err;

	for (size_t i = 0; i < size; i++)
		buf_addf(&text, "%c", (int)('a' + i % 23));
	buf_addf(&path, "%s/%s", dir, name);
	assert_works(file_write_whole(buf_str(&path), buf_str(&text), size, &err), err);
	assert_int_equal(chmod(buf_str(&path), mode), 0);
	assert_works(payload_add(p, buf_str(&path), name, &err), err);
	buf_release(&text);
	buf_release(&path);
}

/* A file of each size around a block, as tar itself reads it. */
static void tar_reads_it(void **state)
{
	static const size_t sizes[] = {0, 1, 511, 512, 513, 70000};
	struct payload *p = calloc(1, sizeof(*p));
	char *dir = test_dir_make(), name[32];
	struct buf tar = BUF_INIT, out = BUF_INIT;
	struct stat st;
	struct err err;
	int fd;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(name, sizeof(name), "file-%zu", sizes[i]);
		put_file(p, dir, name, sizes[i], i % 2 ? 0755 : 0644);
	}
	buf_addf(&tar, "%s/tar", dir);
	fd = open(buf_str(&tar), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_works(payload_send(p, write_to, &fd, &err), err);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, payload_bytes(p));
	close(fd);
	{
		const char *const argv[] = {"tar", "--compare", "-f", buf_str(&tar), NULL};
		const char *const list[] = {"tar", "-tvf", buf_str(&tar), NULL};

		/* Only the mode, the time and the owner are others. */
		(void)child_run(argv, dir, NULL, 20 * NS_PER_S, &out, &err);
		assert_null(strstr(buf_str(&out), "Contents differ"));
		assert_null(strstr(buf_str(&out), "Size differs"));
		buf_clear(&out);
		assert_works(child_run(list, dir, NULL, 20 * NS_PER_S, &out, &err), err);
		assert_non_null(strstr(buf_str(&out), "-rwx------"));
		assert_non_null(strstr(buf_str(&out), "-rw-------"));
		assert_non_null(strstr(buf_str(&out), "file-70000"));
	}
	buf_release(&tar);
	buf_release(&out);
	test_dir_remove(dir);
	free(p);
}

static int count_only(void *ctx, const void *data, size_t len, struct err *err)
{
	(void)data;
	(void)err;
	*(size_t *)ctx += len;
	return 0;
}

static void file_that_shrinks(void **state)
{
	struct payload *p = calloc(1, sizeof(*p));
	char *dir = test_dir_make(), path[300];
	size_t sent = 0;
	struct err err;

	(void)state;
	assert_non_null(p);
	put_file(p, dir, "file", 1000, 0644);
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(truncate(path, 10), 0);
	assert_fails(payload_send(p, count_only, &sent, &err), err, EXIT_MACHINE, "became shorter");
	assert_int_equal(unlink(path), 0);
	assert_fails(payload_send(p, count_only, &sent, &err), err, EXIT_MACHINE, "cannot send");
	assert_fails(payload_add(p, path, "file", &err), err, EXIT_MACHINE, "cannot send");
	test_dir_remove(dir);
	free(p);
}

/* ---- what is said ---- */

static void sentences(void **state)
{
	static const char who[] = "ssh to node";
	static const struct {
		const char *printed, *said;
	} ssh[] = {
		{"Host key verification failed.\n", "its host key is not known"},
		{"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification "
		 "failed.\n",
		 "another than the known one"},
		{"me@node: Permission denied (publickey).\n", "refuses the login"},
		{"ssh: connect to host node port 22: Connection timed out\n", "does not answer"},
		{"", "ssh to node: the connection ended"},
		{"one\nlast \033[31mwords\n \n", "the last it said was: last ?[31mwords"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(ssh) / sizeof(ssh[0]); i++)
		assert_fails(complaint_of_ssh(who, ssh[i].printed, &err), err, EXIT_MACHINE,
			     ssh[i].said);
	assert_fails(complaint_of_script(who, "--dir PATH", "tool tar", &err), err, EXIT_MACHINE,
		     "ssh to node: it has no tar: install it there");
	assert_fails(complaint_of_script(who, "--dir PATH", "whatever", &err), err, EXIT_MACHINE,
		     "whatever");
	assert_fails(complaint_of_script(who, "--dir PATH", "dir mktemp: no", &err), err,
		     EXIT_MACHINE, "there: mktemp: no: choose another place with --dir PATH");
	assert_fails(complaint_of_script(who, "--dir PATH",
					 "unpack tar: a: Cannot write: No space left on device "
					 "tar: b: Cannot write: No space left on device",
					 &err),
		     err, EXIT_MACHINE,
		     "unpacked there: No space left on device: free some space, or choose");
	assert_null(complaint_of_space("it is fine"));
	assert_string_equal(complaint_of_space("x: Disk quota exceeded (y)"),
			    "Disk quota exceeded");
}

static void script_lines(void **state)
{
	struct talk t = {.cancel_fd = -1, .end = clock_now(&clock_machine) + 20 * NS_PER_S};
	static const char text[] = "Welcome\r\n\nnestbench-ssh: dir /x\r\nnestbench-ssh: ready\n{}";
	char line[TALK_LINE], rest[8];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	t.fd = pair[0];
	assert_int_equal(write(pair[1], text, strlen(text)), strlen(text));
	assert_int_equal(talk_hear(&t, line), TALK_FINE);
	assert_string_equal(line, "dir /x");
	assert_int_equal(talk_hear(&t, line), TALK_FINE);
	assert_string_equal(line, "ready");
	assert_int_equal(read(pair[0], rest, sizeof(rest)), 2);
	t.end = clock_now(&clock_machine) + NS_PER_S / 10;
	assert_int_equal(talk_hear(&t, line), TALK_LATE);
	close(pair[1]);
	assert_int_equal(talk_hear(&t, line), TALK_HUNG_UP);
	close(pair[0]);
}

/* Whatever the machine lacks, no word of a text is taken for a command. */
static void look_around(void **state)
{
	static const char *const paths[] = {"PATH=/bin:/usr/bin", "PATH=/usr/bin:/bin:/usr/sbin"};
	struct buf command = BUF_INIT, out = BUF_INIT;
	struct err err;

	(void)state;
	script_add_look("/tmp", true, &command);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *const argv[] = {"env", "-i", paths[i], "sh", "-c", buf_str(&command),
					    NULL};
		int lines = 0;

		buf_clear(&out);
		assert_works(child_run(argv, NULL, NULL, 20 * NS_PER_S, &out, &err), err);
		for (const char *at = buf_str(&out); at && *at; at = str_next_line(at), lines++)
			assert_memory_equal(at, TALK_MARK, strlen(TALK_MARK));
		assert_true(lines >= 6);
	}
	buf_release(&command);
	buf_release(&out);
}

/* ---- the relay ---- */

struct ends {
	struct relay *relay;
	int layer, client;
};

static struct ends start_relay(const char *log)
{
	struct ends e;
	struct err err;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	e.relay = relay_start(pair[0], log, &e.layer, &err);
	e.client = pair[1];
	if (!e.relay)
		fail_msg("%s", err.text);
	return e;
}

static void stop_relay(struct ends *e)
{
	close(e->layer);
	relay_stop(e->relay);
	close(e->client);
}

/* What comes within the time; at most so many bytes are waited for. */
static size_t hear(int fd, char *text, size_t want, int limit_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0;

	while (len < want && poll(&p, 1, limit_ms) > 0) {
		ssize_t got = read(fd, text + len, want - len);

		if (got <= 0)
			break;
		len += (size_t)got;
	}
	return len;
}

static void empty_lines_only_between_messages(void **state)
{
	struct ends e = start_relay("/dev/null");
	char text[16];

	(void)state;
	assert_int_equal(hear(e.client, text, 1, 20000), 1);
	assert_memory_equal(text, "\n", 1);
	assert_int_equal(write(e.layer, "{\"a\"", 4), 4);
	assert_int_equal(hear(e.client, text, 4, 20000), 4);
	assert_int_equal(hear(e.client, text, 1, 4000), 0);
	assert_int_equal(write(e.layer, ":1}\n", 4), 4);
	assert_int_equal(hear(e.client, text, 5, 20000), 5);
	assert_memory_equal(text, ":1}\n\n", 5);
	stop_relay(&e);
}

static void all_bytes_both_ways(void **state)
{
	enum { SIZE = 1 << 20 };
	struct ends e = start_relay("/dev/null");
	char *sent = malloc(SIZE), *got = malloc(SIZE);
	size_t put = 0, len = 0;

	(void)state;
	for (int i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 7 % 251 + 1);
	while (len < SIZE) {
		ssize_t n = write(e.client, sent + put, SIZE - put);

		put += n > 0 ? (size_t)n : 0;
		len += hear(e.layer, got + len, SIZE - len < 4096 ? SIZE - len : 4096, 20000);
	}
	assert_memory_equal(sent, got, SIZE);
	free(sent);
	free(got);
	stop_relay(&e);
}

static void ends_pass_through(void **state)
{
	struct ends e = start_relay("/dev/null");
	struct pollfd p;
	char text[4];

	(void)state;
	close(e.layer);
	p = (struct pollfd){.fd = e.client, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(read(e.client, text, 4), 0);
	e.layer = dup(e.client);
	stop_relay(&e);
	e = start_relay("/dev/null");
	close(e.client);
	p = (struct pollfd){.fd = e.layer, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(read(e.layer, text, 4), 0);
	e.client = dup(e.layer);
	stop_relay(&e);
}

static void log_is_kept_short(void **state)
{
	char *dir = test_dir_make(), path[300];
	struct ends e;
	struct stat st = {.st_size = 1};

	(void)state;
	snprintf(path, sizeof(path), "%s/log", dir);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(truncate(path, 5 << 20), 0);
	e = start_relay(path);
	for (int i = 0; st.st_size && i < 400; i++) {
		usleep(50000);
		assert_int_equal(stat(path, &st), 0);
	}
	assert_int_equal(st.st_size, 0);
	stop_relay(&e);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(bad_second_options),
		cmocka_unit_test(which_agent),
		cmocka_unit_test(command_line),
		cmocka_unit_test(tar_reads_it),
		cmocka_unit_test(file_that_shrinks),
		cmocka_unit_test(sentences),
		cmocka_unit_test(script_lines),
		cmocka_unit_test(look_around),
		cmocka_unit_test(empty_lines_only_between_messages),
		cmocka_unit_test(all_bytes_both_ways),
		cmocka_unit_test(ends_pass_through),
		cmocka_unit_test(log_is_kept_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
