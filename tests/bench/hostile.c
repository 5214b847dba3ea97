/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hostile agent at the end of the channel: whatever it sends, a job ends soon, leaves fail rows
 * at worst, and takes little memory. The line and the clock are real but for the clock's speed.
 */
#include "tests/check.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/session/job.h"
#include "lib/streams.h"

enum { LAYER = 1, OPS = 1000, BATCHES = 3 };

/* What the agent sends: the texts once, then the last one for ever. %d in a text is the time. */
struct agent {
	const char *const *say; /* NULL-terminated */
	bool for_ever;
	size_t len; /* of the last one; 0: as long as it is */
	bool calibrates;
	bool takes_long; /* to read */
	int fd;
};

struct outcome {
	size_t rows, ok;
	struct sample last;
	struct err err;
	int alive; /* L0 … L(alive-1), of LAYER + 2 */
};

/* Ten times as fast as the machine's, so that limits come soon, unless work is that much slower. */
static uint64_t hurry(void *ctx)
{
	(void)ctx;
	return clock_now(&clock_machine) * (TEST_SANITIZED ? 1 : 10);
}

static bool put(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t sent = write(fd, text, len);

		if (sent <= 0)
			return false;
		text += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* As many copies as make a good bite, so that a flood is as fast as it can be. */
static void put_for_ever(int fd, const char *text)
{
	struct buf bite = BUF_INIT;

	while (bite.len < 1 << 18)
		buf_addstr(&bite, text);
	while (put(fd, buf_str(&bite), bite.len))
		;
	buf_release(&bite);
}

static void *talk(void *arg)
{
	const struct agent *a = arg;
	const char *const *text = a->say;
	bool heard = true;

	for (; heard && *text; text++)
		heard = put(a->fd, *text, a->len && !text[1] ? a->len : strlen(*text));
	if (heard && a->for_ever)
		put_for_ever(a->fd, text[-1]);
	return NULL;
}

static int take(void *ctx, const struct sample *s, struct err *err)
{
	struct outcome *o = ctx;

	(void)err;
	o->rows++;
	o->ok += s->status == SAMPLE_OK || s->status == SAMPLE_SUSPECT;
	o->last = *s;
	for (const char *c = s->reason; *c; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
	return 0;
}

/* One job of the layer. It must end within seconds, however it ends. */
static void run_job(struct agent a, struct outcome *o)
{
	static const struct clock fast = {.now_ns = hurry};
	const struct sample_sink sink = {.put = take, .ctx = o};
	const struct work work = {.workload = workload_find("nop"), .threads = 1};
	/* A flood is ended by what it is, however busy the machine; silence by the time. */
	const uint64_t limit_ns = (a.for_ever || a.takes_long ? 30 : 2) * NS_PER_S;
	const struct measuring m = {.work = &work,
				    .layer = LAYER,
				    .guests = 1,
				    .copies = 1,
				    .spread = 1,
				    .ops = a.calibrates ? 0 : OPS,
				    .batches = BATCHES,
				    .setup_limit_ns = limit_ns,
				    .batch_limit_ns = limit_ns};
	uint64_t start = clock_now(&clock_machine);
	struct link link;
	pthread_t thread;
	int pair[2];

	*o = (struct outcome){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	a.fd = pair[1];
	link_open(&link, pair[0], &fast, -1);
	for (int i = 0; i < LAYER + 2; i++)
		link_up(&link, i);
	assert_int_equal(pthread_create(&thread, NULL, talk, &a), 0);
	assert_works(measuring_run(&m, &link, &sink, &o->err), o->err);
	o->alive = link_alive(&link);
	link_release(&link);
	close(pair[0]);
	pthread_join(thread, NULL);
	close(pair[1]);
	assert_true(o->rows > 0 && o->rows <= BATCHES + 1);
	assert_true(clock_now(&clock_machine) - start < (TEST_SANITIZED ? 60 : 10) * NS_PER_S);
}

#define READY "{\"id\":1,\"from\":1,\"is\":\"ready\"}\n"
#define ROW(line) "{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"" line "\"}\n"
#define GOOD(batch) ROW(batch ",1000,0,5,0,0,0,0,00000000000003e8,,ok,")
#define DONE "{\"id\":1,\"from\":1,\"is\":\"done\"}\n"

static void test_an_honest_agent(void **state)
{
	const char *const say[] = {READY, GOOD("1"), GOOD("2"), GOOD("3"), DONE, NULL};
	struct outcome o;

	(void)state;
	run_job((struct agent){.say = say}, &o);
	assert_int_equal(o.ok, BATCHES);
	assert_int_equal(o.alive, LAYER + 2);
}

/* Rows that no honest agent sends: each is a fail row that says why. */
static void test_rows_that_lie(void **state)
{
	static const struct {
		const char *row, *reason;
	} cases[] = {
		{ROW("1,NaN,0,1,0,0,0,0,00000000000003e8,,ok,"), "ops: 'NaN'"},
		{ROW("1,1000,0,inf,0,0,0,0,00000000000003e8,,ok,"), "elapsed_ns: 'inf'"},
		{ROW("1,1000,0,-5,0,0,0,0,00000000000003e8,,ok,"), "elapsed_ns: '-5'"},
		{ROW("1,1e3,0,5,0,0,0,0,00000000000003e8,,ok,"), "ops: '1e3'"},
		{ROW("1,1000,0,9223372036854775808,0,0,0,0,00000000000003e8,,ok,"), "elapsed_ns"},
		{ROW("1,99999999999999999999999,0,5,0,0,0,0,00000000000003e8,,ok,"), "ops"},
		{ROW("1,1001,0,5,0,0,0,0,00000000000003e8,,ok,"), "asked for 1000 operations"},
		{ROW("2,1000,0,5,0,0,0,0,00000000000003e8,,ok,"), "in batch 2"},
		{ROW("1,1001,0,5,0,0,0,0,00000000000003e8,,suspect,x"),
		 "asked for 1000 operations"},
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,,fine,"), "status: 'fine'"},
		{ROW("1,1000,0,5,0,0,0,0,3e8,,ok,"), "digest"},
		{ROW("1,1000"), "a row has 2 fields"},
		/* Flags that decide how a row counts are not a guest's to set. */
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,self-reported,ok,"),
		 "marked as self-reported"},
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,warm-up,ok,"), "is marked as warm-up"},
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,latency,ok,"), "that is the workload's"},
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,iops,suspect,x"),
		 "that is the workload's"},
		{ROW("1,1000,0,5,0,0,0,0,00000000000003e8,repeats,ok,"), "flags: 'repeats'"},
		{ROW("1,1000,0,5,0,2,1,3,00000000000003e8,,ok,"), "not in ascending order"},
		{ROW("\\u001b]0;owned\\u0007,1,0,5,0,0,0,0,0,,ok,"),
		 "batch: '?]0;owned?' is not a whole number"},
		{ROW("1,\\u202e\\u009b31m,0,5,0,0,0,0,0,,ok,"), "ops: '?????31m'"},
		{"{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":7}\n", "a row without a line"},
		{"{\"id\":1,\"from\":1,\"is\":\"row\"}\n", "a row without a line"},
		{"{\"id\":1,\"from\":1,\"is\":\"error\",\"text\":\"\\u001b[2J\"}\n", "?[2J"},
		{"{\"id\":1,\"from\":1,\"is\":\"error\",\"text\":[],\"code\":\"\"}\n",
		 "without a text"},
		{DONE, "ended before batch 1"},
		{READY, "ended before batch 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const say[] = {READY, cases[i].row, DONE, NULL};
		struct outcome o;

		run_job((struct agent){.say = say}, &o);
		assert_int_equal(o.ok, 0);
		assert_int_equal(o.last.status, SAMPLE_FAIL);
		if (!strstr(o.last.reason, cases[i].reason))
			fail_msg("case %zu: \"%s\" does not hold \"%s\"", i, o.last.reason,
				 cases[i].reason);
	}
}

/* A layer that makes its operations endless would make every batch in every layer so. */
static void test_calibrations_that_lie(void **state)
{
	static const struct {
		const char *row;
		enum sample_status status;
	} cases[] = {
		{ROW("1,1,0,9000000000000000000,0,0,0,0,00000000000003e8,,ok,calibration"),
		 SAMPLE_SUSPECT},
		{ROW("1,1,0,9000000000000000000,0,0,0,0,00000000000003e8,self-reported,ok,"),
		 SAMPLE_FAIL},
		{ROW("1,0,0,5,0,0,0,0,00000000000003e8,,ok,calibration"), SAMPLE_FAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const say[] = {READY, cases[i].row, DONE, NULL};
		struct outcome o;

		run_job((struct agent){.say = say, .calibrates = true}, &o);
		if (o.last.status != cases[i].status)
			fail_msg("case %zu: status %d: %s", i, o.last.status, o.last.reason);
	}
}

/* What is no answer to what was asked is as if it was never sent. */
static void test_what_nobody_asked_for(void **state)
{
	static const char *const noise[] = {
		"\n",
		"nonsense\n",
		"[1,2,3]\n",
		"{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"a\\u0000b\"}\n",
		"{\"id\":1,\"id\":1,\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":2,\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":-1,\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":18446744073709551617,\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":1.0,\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":\"1\",\"from\":1,\"is\":\"done\"}\n",
		"{\"id\":1,\"from\":0,\"is\":\"row\",\"line\":\"another layer's\"}\n",
		"{\"id\":1,\"from\":2,\"is\":\"row\",\"line\":\"another layer's\"}\n",
		"{\"id\":1,\"from\":4294967297,\"is\":\"row\",\"line\":\"another layer's\"}\n",
		"{\"id\":1,\"from\":-1,\"is\":\"gone\",\"text\":\"x\"}\n",
		"{\"id\":1,\"from\":1,\"is\":\"rows\"}\n",
		"{\"id\":1,\"from\":1,\"is\":\"busy\",\"text\":[7]}\n",
		"{\"id\":2,\"from\":1,\"is\":\"busy\",\"text\":\"\\u001b[2J\"}\n",
		"{\"id\":1,\"from\":1,\"is\":{}}\n",
		"{\"id\":1,\"from\":1,\"is\":1e400}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		const char *const say[] = {noise[i],  READY,	 noise[i], GOOD("1"), noise[i],
					   GOOD("2"), GOOD("3"), DONE,	   NULL};
		struct outcome o;

		run_job((struct agent){.say = say}, &o);
		if (o.ok != BATCHES)
			fail_msg("after %s: %s", noise[i], o.last.reason);
	}
}

static char *filled(const char *front, char with, size_t len, const char *end)
{
	struct buf text = BUF_INIT;
	char *block = malloc(len);

	assert_non_null(block);
	memset(block, with, len);
	buf_addstr(&text, front);
	buf_add(&text, block, len);
	buf_addstr(&text, end);
	free(block);
	return buf_take(&text);
}

/* Lines as long and as deep as they come, and then the honest rows all the same. */
static void test_big_lines(void **state)
{
	char *const big[] = {
		filled("", 'x', 5 << 20, "\n"),
		filled("", '\0', 3 << 20, "\n"),
		filled("{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"", '1', 2 << 20, "\"}\n"),
		filled("{\"id\":1,\"from\":1,\"is\":", '[', 1000000, "\n"),
		filled("{\"id\":7,\"more\":", '[', 2000, "\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(big) / sizeof(big[0]); i++) {
		const char *const say[] = {READY,     big[i], GOOD("1"), GOOD("2"),
					   GOOD("3"), DONE,   NULL};
		struct outcome o;

		if (i != 1) /* a text with NUL bytes goes last, by its length */
			run_job((struct agent){.say = say, .takes_long = true}, &o);
		else
			run_job((struct agent){.say = (const char *const[]){READY, big[i], NULL},
					       .len = 3 << 20},
				&o);
		assert_int_equal(o.ok, i != 1 ? BATCHES : 0);
		free(big[i]);
	}
}

/* Agents that never stop talking. Those that answer nothing are given up. */
static void test_floods(void **state)
{
	static const struct {
		const char *say[3];
		const char *reason;
		enum sample_status status;
	} cases[] = {
		{{READY, "{\"id\":9,\"from\":1,\"is\":\"row\"}\n"}, "floods the link", SAMPLE_FAIL},
		{{READY, "{\"id\":1,\"from\":2,\"is\":\"row\"}\n"}, "floods the link", SAMPLE_FAIL},
		{{READY, "{\"id\":1,\"from\":8,\"is\":\"done\"}\n"},
		 "floods the link",
		 SAMPLE_FAIL},
		{{READY, "{\"id\":1,\"from\":1,\"is\":\"busy\",\"text\":\"nothing\"}\n"},
		 "floods the link",
		 SAMPLE_FAIL},
		{{"{\"id\":1,\"from\":1,\"is\":\"busy\",\"text\":\"\\u001b[2J\"}\n"},
		 "floods the link",
		 SAMPLE_FAIL},
		{{READY, "nonsense\n"}, "floods the link", SAMPLE_FAIL},
		{{READY, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}, "", SAMPLE_FAIL},
		{{"{\"id\":0,\"from\":2,\"is\":\"gone\"}\n"}, "", SAMPLE_FAIL},
		{{READY}, "ended before batch", SAMPLE_FAIL},
		{{READY, ROW("1,7,0,5,0,0,0,0,00000000000003e8,,ok,")}, "asked for", SAMPLE_FAIL},
		{{READY, GOOD("1")}, "in batch 1", SAMPLE_FAIL},
	};
	struct rusage before, after;

	(void)state;
	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome o;

		run_job((struct agent){.say = cases[i].say, .for_ever = true}, &o);
		if (o.last.status != cases[i].status)
			fail_msg("case %zu: status %d: %s", i, o.last.status, o.last.reason);
		if (!strstr(o.last.reason, cases[i].reason))
			fail_msg("case %zu: \"%s\" does not hold \"%s\"", i, o.last.reason,
				 cases[i].reason);
		/* It is gone, with those below it; nobody above is to blame. */
		if (o.alive != LAYER)
			fail_msg("case %zu: %d layers are there: %s", i, o.alive, o.last.reason);
	}
	getrusage(RUSAGE_SELF, &after);
	print_message("floods: %ld MiB more memory than before\n",
		      (after.ru_maxrss - before.ru_maxrss) / 1024);
	assert_true(TEST_SANITIZED || after.ru_maxrss - before.ru_maxrss < 64 * 1024);
}

/* A hundred times as fast as the machine's. */
static uint64_t race(void *ctx)
{
	(void)ctx;
	return clock_now(&clock_machine) * 100;
}

enum { DRIPS = 6000 };

/* A message now and then that is no answer: for at most a minute, where nobody ends it. */
static void *drip(void *arg)
{
	int fd = *(int *)arg;
	intptr_t sent = 0;

	while (sent < DRIPS && put(fd, "{\"id\":1,\"from\":2}\n", 18)) {
		usleep(10000);
		sent++;
	}
	return (void *)sent;
}

/* Who was asked whether it lives gets more time, but not without end. */
static void test_a_drip(void **state)
{
	static const struct clock fast = {.now_ns = race};
	json_t *message;
	struct link link;
	pthread_t thread;
	struct err err;
	void *sent;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	link_open(&link, pair[0], &fast, -1);
	for (int i = 0; i < LAYER + 2; i++)
		link_up(&link, i);
	assert_int_equal(link_ask(&link, LAYER, "describe", NULL, &err), 1);
	assert_int_equal(pthread_create(&thread, NULL, drip, &pair[1]), 0);
	assert_int_equal(link_wait_alive(&link, 1, LAYER, 20 * NS_PER_S, &message, &err),
			 LINK_TIMEOUT);
	link_release(&link);
	close(pair[0]);
	pthread_join(thread, &sent);
	close(pair[1]);
	assert_true((intptr_t)sent < DRIPS);
}

/* The most memory that one line of legal size can take: a million small values. */
static void test_dense_line(void **state)
{
	struct buf line = BUF_INIT;
	struct rusage before, after;
	struct outcome o;

	(void)state;
	buf_addstr(&line, "{\"id\":9,\"more\":[{}");
	while (line.len < MESSAGE_LIMIT - 16)
		buf_addstr(&line, ",{}");
	buf_addstr(&line, "]}\n");
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 4; i++) {
		const char *const say[] = {buf_str(&line), READY, GOOD("1"), GOOD("2"),
					   GOOD("3"),	   DONE,  NULL};

		run_job((struct agent){.say = say, .takes_long = true}, &o);
		assert_int_equal(o.ok, BATCHES);
	}
	getrusage(RUSAGE_SELF, &after);
	print_message("a dense line: %ld MiB more memory than before\n",
		      (after.ru_maxrss - before.ru_maxrss) / 1024);
	assert_true(TEST_SANITIZED || after.ru_maxrss - before.ru_maxrss < 256 * 1024);
	buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_honest_agent),
		cmocka_unit_test(test_rows_that_lie),
		cmocka_unit_test(test_calibrations_that_lie),
		cmocka_unit_test(test_what_nobody_asked_for),
		cmocka_unit_test(test_big_lines),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_a_drip),
		cmocka_unit_test(test_dense_line),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
