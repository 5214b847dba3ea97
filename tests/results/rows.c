/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "tests/results/make_run.h"

/* The result of reading: the rows as text, one after the other. */
struct taken {
	size_t count;
	struct buf text;
	int stop_at; /* fail at this row; 0: never */
};

static int take(void *ctx, const struct row *row, struct err *err)
{
	struct taken *t = ctx;
	const struct sample *s = &row->sample;

	t->count++;
	buf_addf(&t->text, "%s|%u|%u|%u|%u|%s|%s|%d|%s|%u|%u|%ju|%ju|%ju|%ju|%ju|%ju|%ju|",
		 row->run, row->boot, row->round, row->slot, row->layer, row->workload, row->class,
		 (int)row->unit, row->params, row->threads, row->repeats, (uintmax_t)s->batch,
		 (uintmax_t)s->ops, (uintmax_t)s->bytes, (uintmax_t)s->elapsed_ns,
		 (uintmax_t)s->fastest_ns, (uintmax_t)s->host_elapsed_ns, (uintmax_t)s->steal_ns);
	buf_addf(&t->text, "%ju|%ju|%ju|%jx|%u|%d|%s\n", (uintmax_t)s->latency.p50_ns,
		 (uintmax_t)s->latency.p99_ns, (uintmax_t)s->latency.max_ns, (uintmax_t)s->digest,
		 s->flags, (int)s->status, s->reason);
	assert_false(row->is_schema1);
	assert_string_equal(row->remark, s->reason);
	if (t->stop_at && t->count == (size_t)t->stop_at)
		return err_set(err, EXIT_INTERNAL, "stopped");
	return 0;
}

static char *path_in(const char *dir, const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static void write_file(const char *dir, const char *text, size_t len)
{
	char *path = path_in(dir, ROWS_FILE);
	struct err err;

	assert_works(file_write_whole(path, text, len, &err), err);
	free(path);
}

static void read_text(const char *dir, struct buf *out)
{
	char *path = path_in(dir, ROWS_FILE);
	struct err err;

	assert_works(file_read(path, 1 << 24, out, &err), err);
	free(path);
}

/* Feeds text in chunks of a size. */
static void feed(const char *text, size_t len, size_t chunk, struct taken *t, struct damage *damage)
{
	struct err err;
	struct rows_reader rows;
	struct csv_reader *r = csv_reader_new(ROWS_FILE, &rows_ops, &rows, damage, &err);

	assert_non_null(r);
	rows_reader_init(&rows, take, t);
	for (size_t at = 0; at < len; at += chunk)
		assert_works(
			csv_reader_feed(r, text + at, len - at < chunk ? len - at : chunk, &err),
			err);
	assert_works(csv_reader_finish(r, &err), err);
	csv_reader_free(r);
}

static const struct row odd = {
	.run = "r-1",
	.boot = 2147483647,
	.round = 1,
	.slot = 7,
	.layer = 63,
	.workload = "mem.chase",
	.class = "mem",
	.params = " a, \"quoted\" ,b ",
	.threads = 4,
	.repeats = 6,
	.sample = {.batch = 1,
		   .ops = INT64_MAX,
		   .bytes = 1,
		   .elapsed_ns = 2,
		   .fastest_ns = 5,
		   .host_elapsed_ns = 3,
		   .steal_ns = 4,
		   .latency = {7, 8, 9},
		   .digest = UINT64_MAX,
		   .flags = SAMPLE_WARM_UP | SAMPLE_LATENCY,
		   .status = SAMPLE_SUSPECT,
		   .reason = "a reason"},
};

static void test_round_trip(void **state)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct damage damage = {0};
	struct taken t = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_works(rows_writer_open(&w, dir, &err), err);
	assert_works(rows_writer_put(&w, &odd, &err), err);
	assert_works(csv_writer_close(&w, &err), err);
	assert_works(csv_writer_close(&w, &err), err); /* a second time is fine */
	assert_works(rows_read(dir, take, &t, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	assert_string_equal(buf_str(&t.text),
			    "r-1|2147483647|1|7|63|mem.chase|mem|0| a, \"quoted\" ,b |4|6|1|"
			    "9223372036854775807|1|2|5|3|4|7|8|9|ffffffffffffffff|9|4|a reason\n");
	buf_release(&t.text);
	test_dir_remove(dir);
}

static void test_every_chunk_size(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT, first = BUF_INIT;
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	run.rounds = 1;
	run.batches = 1;
	assert_works(make_run(dir, &run, &err), err);
	read_text(dir, &text);
	for (size_t chunk = 1; chunk <= 600; chunk++) {
		struct damage damage = {0};
		struct taken t = {0};

		feed(text.data, text.len, chunk, &t, &damage);
		assert_int_equal(damage.count, 0);
		assert_int_equal(t.count, 3 * (12 * 2 + 1));
		if (chunk == 1)
			buf_addstr(&first, buf_str(&t.text));
		assert_string_equal(buf_str(&t.text), buf_str(&first));
		buf_release(&t.text);
	}
	buf_release(&text);
	buf_release(&first);
	test_dir_remove(dir);
}

static size_t count_newlines(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	return count;
}

/* Cut at any byte: every row before the cut is read, and appending continues with whole rows. */
static void test_every_truncation(void **state)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct buf text = BUF_INIT;
	char *dir = test_dir_make();
	size_t header = strlen(ROWS_HEADER) + 1;
	struct row row = odd;
	struct err err;

	(void)state;
	assert_works(rows_writer_open(&w, dir, &err), err);
	for (int i = 0; i < 3; i++) {
		row.sample.status = i == 1 ? SAMPLE_SUSPECT : SAMPLE_OK;
		row.params = i == 2 ? "size=1" : odd.params;
		assert_works(rows_writer_put(&w, &row, &err), err);
	}
	assert_works(csv_writer_close(&w, &err), err);
	read_text(dir, &text);
	for (size_t cut = 0; cut <= text.len; cut++) {
		struct damage damage = {0};
		struct taken t = {0};
		size_t whole = cut < header ? 0 : count_newlines(text.data, cut) - 1;
		bool torn = cut > header && text.data[cut - 1] != '\n';

		write_file(dir, text.data, cut);
		if (cut < header) {
			assert_fails(rows_read(dir, take, &t, &damage, &err), err, EXIT_USAGE,
				     "header");
		} else {
			assert_works(rows_read(dir, take, &t, &damage, &err), err);
			assert_int_equal(t.count, whole);
			assert_int_equal(damage.count, torn);
			assert_int_equal(damage.torn, torn);
		}
		buf_release(&t.text);

		assert_works(rows_writer_open(&w, dir, &err), err);
		assert_works(rows_writer_put(&w, &odd, &err), err);
		assert_works(csv_writer_close(&w, &err), err);
		t = (struct taken){0};
		damage = (struct damage){0};
		assert_works(rows_read(dir, take, &t, &damage, &err), err);
		assert_int_equal(t.count, whole + 1);
		assert_int_equal(damage.count, torn);
		assert_false(damage.torn);
		buf_release(&t.text);
	}
	buf_release(&text);
	test_dir_remove(dir);
}

#define GOOD_ROW "r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,"

/* 64 characters. */
#define A_LONG_NAME "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_damaged_rows(void **state)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{"", "samples.csv:3: 0 fields instead of 25"},
		{"r,1,1", "3 fields instead of 25"},
		{GOOD_ROW ",x", "26 fields instead of 25"},
		{GOOD_ROW ",,torn", "27 fields instead of 25"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,OK,",
		 "status: \"OK\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok ,",
		 "status: \"ok \""},
		{",1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "run: must not be empty"},
		{"r,x,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "boot: \"x\""},
		{"r,1,-1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "round: \"-1\""},
		{"r,1,1, 1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "slot: \" 1\""},
		{"r,1,1,1,64,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "layer: \"64\""},
		{"r,1,1,1,0,,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "workload: must not be"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,1e3,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "ops: \"1e3\""},
		{"r,1,1,1,0,nop,control,ns/"
		 "op,,1,0,1,10,0,99999999999999999999,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "elapsed_ns: \"99999999999999999999\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,nan,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "elapsed_ns: \"nan\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,ff,,ok,",
		 "digest: \"ff\" is not 16 hexadecimal"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000FF,,ok,",
		 "digest:"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,fine,",
		 "status: \"fine\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,0,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "ops: 0, but an ok row"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,0,1,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "batch: 0, but an ok row"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,0,0,0,0,0,0,0,0,0,0,00000000000000ff,,fail,",
		 "reason: empty"},
		{"r,1,1,1,0,nop,control,ns/"
		 "op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,a\tb\033[31m",
		 "reason:"},
		{"\"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "quotation mark in field 1"},
		{"r,1,1,1,0,n\"op,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "quotation mark in field 6"},
		{"r,1,1,1,0,\"nop\"x,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "quotation mark in field 6"},
		{"r,1,1,1,0,nop,,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "class: must not be empty"},
		{"r,1,1,1,0,nop," A_LONG_NAME ",ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,"
		 "ok,",
		 "class: 64 characters, of which 63"},
		{"r,1,1,1,0,nop,control,ns,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "unit: \"ns\" is none of"},
		{"r,1,1,1,0,nop,control,bytes,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "unit: bytes, but the class is control"},
		{"r,1,1,1,0,nop,capacity,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "unit: ns/op, but the class is capacity"},
		{"r,1,1,1,0,nop,control,ns/op,,1,x,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,",
		 "repeats: \"x\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,,6,0,0,0,0,00000000000000ff,,ok,",
		 "fastest_ns: \"\""},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,3,2,4,00000000000000ff,,ok,",
		 "3, 2, 4 are not in ascending order"},
		{"r,1,1,1,0,nop,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,hot,ok,",
		 "flags: \"hot\" is none of"},
		/* A row of schema 1 in a file of schema 2. */
		{"r,1,1,1,0,nop,,1,1,10,0,5,6,0,00000000000000ff,ok,", "class: must not be empty"},
		{GOOD_ROW "\rx", "reason: \"?x\" holds a control character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = BUF_INIT;
		struct damage damage = {0};
		struct taken t = {0};

		buf_addf(&text, "%s\n%s\n%s\n%s\n", ROWS_HEADER, GOOD_ROW, cases[i].line, GOOD_ROW);
		feed(text.data, text.len, text.len, &t, &damage);
		assert_int_equal(t.count, 2); /* the rows before and behind are read */
		assert_int_equal(damage.count, 1);
		if (strncmp(damage.text[0], "samples.csv:3: ", 15) != 0 ||
		    !strstr(damage.text[0], cases[i].said))
			fail_msg("\"%s\" does not say \"%s\"", damage.text[0], cases[i].said);
		for (const char *c = damage.text[0]; *c; c++)
			assert_true(*c >= ' ' && *c <= '~');
		buf_release(&t.text);
		buf_release(&text);
	}
}

static void test_nul_and_long_lines(void **state)
{
	struct buf text = BUF_INIT;
	struct damage damage = {0};
	struct taken t = {0};
	static const char nul[] =
		"r,1,1,1,0,n\0p,control,ns/op,,1,0,1,10,0,5,0,6,0,0,0,0,00000000000000ff,,ok,\n";

	(void)state;
	buf_addstr(&text, ROWS_HEADER "\n" GOOD_ROW "\n");
	buf_add(&text, nul, sizeof(nul) - 1);
	for (int i = 0; i < 50000; i++)
		buf_addstr(&text, "long");
	buf_addstr(&text, "\n" GOOD_ROW "\n");
	for (size_t chunk = 100; chunk < text.len * 2; chunk *= 4) {
		t = (struct taken){0};
		damage = (struct damage){0};
		feed(text.data, text.len, chunk, &t, &damage);
		assert_int_equal(t.count, 2);
		assert_int_equal(damage.count, 2);
		assert_non_null(strstr(damage.text[0], ":3: field 6 holds a NUL byte"));
		assert_non_null(strstr(damage.text[1], ":4: a line of more than"));
		buf_release(&t.text);
	}
	buf_release(&text);
}

/* All damaged lines are counted, the first few are kept. */
static void test_much_damage(void **state)
{
	struct buf text = BUF_INIT;
	struct damage damage = {0};
	struct taken t = {0};

	(void)state;
	buf_addstr(&text, ROWS_HEADER "\n");
	for (int i = 0; i < 1000; i++)
		buf_addstr(&text, "x\n");
	feed(text.data, text.len, 777, &t, &damage);
	assert_int_equal(damage.count, 1000);
	assert_non_null(strstr(damage.text[DAMAGE_NOTED - 1], "samples.csv:6:"));
	buf_release(&text);
}

/* A row as different programs save it. */
static void test_saved_by_others(void **state)
{
	static const struct {
		const char *head, *row;
	} cases[] = {
		{ROWS_HEADER "\r\n", GOOD_ROW "\r\n"},
		{"\xef\xbb\xbf" ROWS_HEADER "\n", GOOD_ROW "\n"},
		{"\xef\xbb\xbf" ROWS_HEADER "\r\n", GOOD_ROW "\r\n"},
		{"\"run\",\"boot\",round,slot,layer,workload,class,\"unit\",params,threads,repeats,"
		 "batch,ops,bytes,elapsed_ns,fastest_ns,host_elapsed_ns,steal_ns,p50_ns,p99_ns,"
		 "max_ns,digest,flags,\"status\",\"reason\"\r\n",
		 "\"r\",\"1\",1,1,0,\"nop\",\"control\",\"ns/op\",\"\",1,0,1,10,0,5,0,6,0,0,0,0,"
		 "\"00000000000000ff\",\"\",\"ok\",\"\"\r\n"},
		{ROWS_HEADER ",,\n", GOOD_ROW ",,\n"},	    /* a table with wider rows */
		{ROWS_HEADER "\n", GOOD_ROW ",,,\n"},	    /* or with wider rows than its head */
		{ROWS_HEADER ",more\n", GOOD_ROW ",own\n"}, /* a column of the user's own */
		{"," ROWS_HEADER "\n", "7," GOOD_ROW "\n"}, /* pandas numbers the rows */
		{"reason,status,flags,digest,max_ns,p99_ns,p50_ns,steal_ns,host_elapsed_ns,"
		 "fastest_ns,elapsed_ns,bytes,ops,batch,repeats,threads,params,unit,class,workload,"
		 "layer,slot,round,boot,run\n",
		 ",ok,,00000000000000ff,0,0,0,0,6,0,5,0,10,1,0,1,,ns/op,control,nop,0,1,1,1,r\n"},
	};
	struct taken plain = {0};

	(void)state;
	feed(ROWS_HEADER "\n" GOOD_ROW "\n", strlen(ROWS_HEADER "\n" GOOD_ROW "\n"), 1000, &plain,
	     &(struct damage){0});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t chunk = 1; chunk < 300; chunk += 13) {
			struct buf text = BUF_INIT;
			struct damage damage = {0};
			struct taken t = {0};

			buf_addf(&text, "%s%s", cases[i].head, cases[i].row);
			feed(text.data, text.len, chunk, &t, &damage);
			assert_int_equal(damage.count, 0);
			assert_string_equal(buf_str(&t.text), buf_str(&plain.text));
			buf_release(&t.text);
			buf_release(&text);
		}
	buf_release(&plain.text);
}

/* A torn row that was closed off stays one, whatever pads all rows to the same width. */
static void test_torn_row_of_a_spreadsheet(void **state)
{
	static const char text[] = ROWS_HEADER ",,\r\n" GOOD_ROW ",,torn\r\n" GOOD_ROW ",,\r\n";
	struct damage damage = {0};
	struct taken t = {0};

	(void)state;
	feed(text, strlen(text), 1000, &t, &damage);
	assert_int_equal(t.count, 1);
	assert_int_equal(damage.count, 1);
	assert_string_equal(damage.text[0], "samples.csv:2: 27 fields instead of 25");
	buf_release(&t.text);
}

static void test_bad_header(void **state)
{
	static const struct {
		const char *text, *said;
	} heads[] = {
		{"", "header"},
		{"run,boot", "header"},
		{"boot,run\n", "ends before column 3, which is \"round\""},
		{"run\n", "ends before column 2, which is \"boot\""},
		{ROWS_HEADER ",more,run\n", "has the column \"run\" twice"},
		{"Run,boot\n",
		 "no column \"run\"; its column 1 is \"Run\", which differs from byte 1 on"},
		{"run,boot,round ,slot\n", "column 3 is \"round \", which differs from byte 6 on"},
		{"run,b\xc3\xb6ot\n",
		 "column 2 is \"b\\xc3\\xb6ot\", which differs from byte 2 on"},
		{"run;boot;round\n",
		 "column 1 is \"run;boot;round\", which differs from byte 4 on"},
		{"\xff\xfer\n", "column 1 is \"\\xff\\xfer\""},
		{ROWS_HEADER "\r" GOOD_ROW "\r", "lines that end in CR alone"},
		{"\"run,boot\n", "header"},
		{"\033[2J\n", "\"\\x1b[2J\""},
	};
	/* A file that can be read may still be refused for appending. */
	static const struct {
		const char *head, *said;
	} changed[] = {
		{"\xef\xbb\xbf" ROWS_HEADER "\n",
		 "byte 1 of its header, in column 1, is \\xef instead of \\x72"},
		{ROWS_HEADER "\r\n", "in column 25, is \\x0d instead of \\x0a"},
		{ROWS_HEADER ",more\n", "in column 25, is \\x2c instead of \\x0a"},
		{"run,\"boot\"\n", "byte 5 of its header, in column 2, is \\x22 instead of \\x62"},
	};
	struct csv_writer w;
	char *dir = test_dir_make();
	struct damage damage = {0};
	struct taken t = {0};
	struct err err;

	(void)state;
	assert_fails(rows_read(dir, take, &t, &damage, &err), err, EXIT_USAGE, "cannot open");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		write_file(dir, heads[i].text, strlen(heads[i].text));
		assert_fails(rows_read(dir, take, &t, &damage, &err), err, EXIT_USAGE,
			     heads[i].said);
		assert_null(strchr(err.text, '\033'));
		if (heads[i].text[0] == '\0' || strcmp(heads[i].text, "run,boot") == 0)
			continue; /* a header that a crash cut short is completed */
		assert_fails(rows_writer_open(&w, dir, &err), err, EXIT_USAGE, "header");
	}
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		char *path = path_in(dir, ROWS_FILE);

		write_file(dir, changed[i].head, strlen(changed[i].head));
		assert_fails(csv_append_check(path, ROWS_HEADER, &err), err, EXIT_USAGE,
			     changed[i].said);
		assert_fails(rows_writer_open(&w, dir, &err), err, EXIT_USAGE, changed[i].said);
		free(path);
	}
	assert_works(csv_append_check("/nonexistent/samples.csv", ROWS_HEADER, &err), err);
	test_dir_remove(dir);
}

static void test_refused_rows(void **state)
{
	char long_text[ROW_PARAMS + 1];
	struct csv_writer w = CSV_WRITER_NONE;
	char *dir = test_dir_make();
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct row row;
	struct err err;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_works(rows_writer_open(&w, dir, &err), err);
	read_text(dir, &before);
	row = odd;
	row.params = long_text;
	assert_fails(rows_writer_put(&w, &row, &err), err, EXIT_USAGE, "params: 1100 characters");
	row = odd;
	row.workload = "two\nlines";
	assert_fails(rows_writer_put(&w, &row, &err), err, EXIT_USAGE, "control character");
	row = odd;
	row.layer = 64;
	assert_fails(rows_writer_put(&w, &row, &err), err, EXIT_INTERNAL, "layer: 64");
	row = odd;
	row.sample.status = (enum sample_status)9;
	assert_fails(rows_writer_put(&w, &row, &err), err, EXIT_INTERNAL, "status");
	assert_works(csv_writer_close(&w, &err), err);
	read_text(dir, &after);
	assert_string_equal(buf_str(&after), buf_str(&before)); /* nothing of them was written */
	buf_release(&before);
	buf_release(&after);
	test_dir_remove(dir);
}

/* The worst row that a guest may send becomes a fail row with a clean reason. */
static void test_hostile_samples(void **state)
{
	struct csv_writer w = CSV_WRITER_NONE;
	char *dir = test_dir_make();
	struct damage damage = {0};
	struct taken t = {0};
	struct row row = odd;
	struct err err;

	(void)state;
	assert_works(rows_writer_open(&w, dir, &err), err);
	row.params = "";
	row.sample = (struct sample){.status = SAMPLE_OK, .reason = "\n\",\033[2J"};
	assert_works(rows_writer_put(&w, &row, &err), err);
	row.sample = (struct sample){.status = SAMPLE_TIMEOUT};
	assert_works(rows_writer_put(&w, &row, &err), err);
	assert_works(csv_writer_close(&w, &err), err);
	assert_works(rows_read(dir, take, &t, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	assert_int_equal(t.count, 2);
	assert_non_null(strstr(buf_str(&t.text), "|2|said to be ok"));
	assert_non_null(strstr(buf_str(&t.text), "|3|no reason was given"));
	assert_null(strchr(buf_str(&t.text), '\033'));
	buf_release(&t.text);
	test_dir_remove(dir);
}

static void test_bad_places(void **state)
{
	struct csv_writer w = CSV_WRITER_NONE;
	char *dir = test_dir_make(), *rows = path_in(dir, ROWS_FILE);
	struct err err;

	(void)state;
	assert_fails(rows_writer_open(&w, "/nonexistent/run", &err), err, EXIT_USAGE,
		     "/nonexistent/run/samples.csv");
	assert_fails(rows_writer_open(&w, "/proc/self", &err), err, EXIT_USAGE, "samples.csv");
	/* A full disk, simulated by /dev/full. */
	assert_int_equal(symlink("/dev/full", rows), 0);
	assert_fails(rows_writer_open(&w, dir, &err), err, EXIT_INTERNAL, "No space left");
	assert_works(csv_writer_close(&w, &err), err);
	free(rows);
	test_dir_remove(dir);
}

static void test_callback_ends_reading(void **state)
{
	struct taken t = {.stop_at = 2};
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct damage damage = {0};
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	assert_fails(rows_read(dir, take, &t, &damage, &err), err, EXIT_INTERNAL, "stopped");
	assert_int_equal(t.count, 2);
	buf_release(&t.text);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_every_chunk_size),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_damaged_rows),
		cmocka_unit_test(test_nul_and_long_lines),
		cmocka_unit_test(test_much_damage),
		cmocka_unit_test(test_saved_by_others),
		cmocka_unit_test(test_torn_row_of_a_spreadsheet),
		cmocka_unit_test(test_bad_header),
		cmocka_unit_test(test_refused_rows),
		cmocka_unit_test(test_hostile_samples),
		cmocka_unit_test(test_bad_places),
		cmocka_unit_test(test_callback_ends_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
