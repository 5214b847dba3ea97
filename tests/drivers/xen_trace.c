/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What records of Xen's trace buffers say of a domain, and how xentrace, here a script, is used. */
#include "tests/check.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/xen/parts.h"
#include "drivers/xen/trace.h"
#include "lib/str.h"

/* Events by their numbers in Xen's trace.h. */
enum {
	LOST = 0x1f001,
	WRAP = 0x1f002,
	CPU = 0x1f003,
	SWITCH = 0x2800a,
	VMEXIT = 0x81002,
	VMEXIT_64 = 0x81102,
	SVM_EXIT = 0x81003,
	SVM_EXIT_64 = 0x81103,
	TRAP_64 = 0x201103,
	FAULT_64 = 0x201104,
	PRIVOP_64 = 0x201106,
	HYPERCALL = 0x20100d,
	DOMAIN = 3,
	OTHER = 0,
	IDLE = 32767,
	SVM_CPUID = 0x72,
	SVM_NM = 0x47,
	VMX_CPUID = 10,
	IRET = 23,
};

/* A record of so many words; with a time, as most have one. */
static void put(struct buf *b, uint32_t event, bool timed, unsigned words, const uint32_t *word)
{
	uint32_t header = event | words << 28 | (timed ? UINT32_C(1) << 31 : 0);
	uint64_t time = 12345;

	buf_add(b, &header, sizeof(header));
	if (timed)
		buf_add(b, &time, sizeof(time));
	buf_add(b, word, words * sizeof(*word));
}

#define PUT(b, event, ...)                                                                         \
	put(b, event, (event) != CPU, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),  \
	    (const uint32_t[]){__VA_ARGS__})

static int64_t value(const struct counts *c, const char *reason)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == COUNT_XEN && strcmp(c->item[i].reason, reason) == 0)
			return (int64_t)c->item[i].n;
	return -1;
}

/* Two hypercalls, a page fault, a trap and an instruction of the domain, on two CPUs, and what is
 * not of it. */
static void put_pv(struct buf *b)
{
	PUT(b, CPU, 1, 400);
	PUT(b, HYPERCALL, IRET | 1 << 20, 7); /* before any switch: whoever ran until then */
	PUT(b, SWITCH, DOMAIN, 0, IDLE, 1);
	PUT(b, HYPERCALL, 29);
	PUT(b, SWITCH, OTHER, 0, DOMAIN, 0);
	PUT(b, FAULT_64, 1, 2, 3, 4, 5);
	PUT(b, TRAP_64, 1, 2, 6 | 1 << 15 | 9 << 16);
	put(b, WRAP, true, 0, NULL);
	PUT(b, CPU, 0, 400);
	PUT(b, HYPERCALL, 1);
	PUT(b, SWITCH, OTHER, 1, DOMAIN, 1);
	PUT(b, PRIVOP_64, 1, 2);
	PUT(b, HYPERCALL, 99);
	PUT(b, LOST, 5, OTHER, 0, 0);
	PUT(b, CPU, 1, 400);
	PUT(b, HYPERCALL, 16);
	PUT(b, CPU, 7, 400);
	PUT(b, HYPERCALL, 1); /* of whom is not known */
}

static void only_the_domain_is_counted(void **state)
{
	struct buf b = BUF_INIT;
	struct counts c = {0};

	(void)state;
	put_pv(&b);
	xen_trace_add(b.data, b.len, DOMAIN, true, &c);
	assert_string_equal(c.item[0].reason, "exits");
	assert_int_equal(value(&c, "exits"), 6);
	assert_int_equal(value(&c, "hypercall_iret"), 1);
	assert_int_equal(value(&c, "hypercall_16"), 1);
	assert_int_equal(value(&c, "hypercall_99"), 1);
	assert_int_equal(value(&c, "page_fault"), 1);
	assert_int_equal(value(&c, "trap_6"), 1);
	assert_int_equal(value(&c, "emulate_privop"), 1);
	assert_int_equal(value(&c, "hypercall_mmu_update"), -1);
	assert_int_equal(value(&c, "hypercall_sched_op"), -1);
	assert_int_equal(value(&c, XEN_TRACE_LOST), 5);
	xen_trace_add(b.data, b.len, DOMAIN, true, &c);
	assert_int_equal(value(&c, "exits"), 12);
	buf_release(&b);
}

/* CPUID twice, once of a VM in the domain, and #NM. */
static void put_exits_of_svm(struct buf *b, uint32_t event, uint32_t event_64)
{
	PUT(b, CPU, 0, 400);
	PUT(b, SWITCH, IDLE, 0, DOMAIN, 0);
	PUT(b, event_64, SVM_CPUID, 1, 2);
	PUT(b, event_64 | 0x400, SVM_CPUID, 1, 2);
	PUT(b, event, SVM_NM, 1);
}

static void exits_have_the_names_of_the_processor(void **state)
{
	struct counts amd = {0}, intel = {0};
	struct buf b = BUF_INIT;

	(void)state;
	put_exits_of_svm(&b, VMEXIT, VMEXIT_64);
	PUT(&b, VMEXIT, VMX_CPUID, 1);
	xen_trace_add(b.data, b.len, DOMAIN, true, &amd);
	assert_int_equal(value(&amd, "exits"), 4);
	assert_int_equal(value(&amd, "cpuid"), 2);
	assert_int_equal(value(&amd, "NM_excp"), 1);
	xen_trace_add(b.data, b.len, DOMAIN, false, &intel);
	assert_int_equal(value(&intel, "CPUID"), 1);
	buf_release(&b);
}

/* As Xen 4.19 and later write it, where the record itself says whose CPU it is of. */
static void an_exit_of_svm_has_an_event_of_its_own(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	put_exits_of_svm(&b, SVM_EXIT, SVM_EXIT_64);
	for (int svm = 0; svm <= 1; svm++) {
		struct counts c = {0};

		xen_trace_add(b.data, b.len, DOMAIN, svm, &c);
		assert_int_equal(value(&c, "exits"), 3);
		assert_int_equal(value(&c, "cpuid"), 2);
		assert_int_equal(value(&c, "NM_excp"), 1);
	}
	buf_release(&b);
}

static void what_is_cut_off_is_left_out(void **state)
{
	struct buf b = BUF_INIT;
	int64_t last = 0;

	(void)state;
	put_pv(&b);
	for (size_t len = 0; len <= b.len; len++) {
		char *copy = malloc(len ? len : 1);
		struct counts c = {0};

		assert_non_null(copy);
		memcpy(copy, b.data, len);
		xen_trace_add(copy, len, DOMAIN, true, &c);
		assert_true(value(&c, "exits") >= last);
		last = value(&c, "exits");
		free(copy);
	}
	assert_int_equal(last, 6);
	buf_release(&b);
}

/* Anything may stand in a file. */
static void nonsense_does_no_harm(void **state)
{
	unsigned char noise[4096];
	struct counts c = {0};
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (unsigned char)((x = x * 1103515245 + 12345) >> 16);
		xen_trace_add(noise, sizeof(noise), DOMAIN, round % 2, &c);
	}
	assert_true(value(&c, "exits") >= 0);
}

/* ---- xentrace ---- */

struct world {
	char *dir, *path; /* of the user */
	struct xen_counter *counter;
	struct counts c;
};

static const char *domid; /* NULL: there is no such domain */

int __wrap_dom0_xl(const char *const argv[], struct buf *out, struct err *err);

int __wrap_dom0_xl(const char *const argv[], struct buf *out, struct err *err)
{
	assert_string_equal(argv[1], "domid");
	if (!domid)
		return err_set(err, EXIT_MACHINE, "xl: no domain %s", argv[2]);
	buf_addf(out, "%s\n", domid);
	return 0;
}

static void write_file(const struct world *w, const char *name, const void *data, size_t len)
{
	char path[PATH_MAX];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	assert_works(file_write_whole(path, data, len, &err), err);
	assert_int_equal(chmod(path, 0755), 0);
}

static void write_xentrace(const struct world *w, const char *body)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "#!/bin/sh\ncd '%s' || exit\nfor last; do :; done\necho \"$@\" >words\n%s",
		 w->dir, body);
	write_file(w, "xentrace", text.data, text.len);
	buf_release(&text);
}

static int begin(void **state)
{
	static struct world w;
	struct buf b = BUF_INIT, path = BUF_INIT;

	w = (struct world){.dir = test_dir_make(), .path = strdup(getenv("PATH"))};
	domid = "3";
	put_pv(&b);
	write_file(&w, "records", b.data, b.len);
	buf_addf(&path, "%s:%s", w.dir, w.path);
	setenv("PATH", buf_str(&path), 1);
	w.counter = xen_counter_make(w.dir);
	assert_non_null(w.counter);
	buf_release(&b);
	buf_release(&path);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	xen_counter_release(w->counter);
	assert_false(file_exists("%s/xentrace.log", w->dir));
	assert_false(file_exists("%s/xentrace.records", w->dir));
	setenv("PATH", w->path, 1);
	free(w->path);
	test_dir_remove(w->dir);
	return 0;
}

static void reading(struct world *w, struct xen_counter *counter, enum counting how)
{
	w->c = (struct counts){0};
	xen_counter_read(counter, "nestbench-r1-3", how, &w->c);
}

static void counts_from_begin_to_end(void **state)
{
	struct world *w = *state;
	char words[400];

	write_xentrace(w, "cat records >\"$last\"\nexec sleep 600\n");
	reading(w, w->counter, COUNTING_READ);
	assert_int_equal(w->c.count, 0);
	assert_string_equal(w->c.remark, "");
	reading(w, w->counter, COUNTING_BEGIN);
	assert_string_equal(w->c.remark, "");
	assert_int_equal(value(&w->c, "exits"), 0);
	assert_true(file_line(words, sizeof(words), "%s/words", w->dir));
	assert_non_null(strstr(words, "-e " XEN_TRACE_EVENTS " "));
	reading(w, w->counter, COUNTING_READ);
	assert_int_equal(value(&w->c, "exits"), 6);
	reading(w, w->counter, COUNTING_END);
	assert_int_equal(value(&w->c, "exits"), 12);
	assert_int_equal(value(&w->c, "page_fault"), 2);
	assert_true(w->c.at_ns > 0);
	reading(w, w->counter, COUNTING_END);
	assert_int_equal(w->c.count, 0);
	reading(w, w->counter, COUNTING_BEGIN);
	assert_int_equal(value(&w->c, "exits"), 12);
	/* What is begun ends with the layer. */
}

static void domains_share_the_trace(void **state)
{
	struct world *w = *state;
	struct xen_counter *other = xen_counter_make(w->dir);

	write_xentrace(w, "cat records >\"$last\"\nexec sleep 600\n");
	reading(w, w->counter, COUNTING_BEGIN);
	domid = "0";
	reading(w, other, COUNTING_BEGIN); /* a reading of the first, too */
	assert_int_equal(value(&w->c, "exits"), 0);
	reading(w, w->counter, COUNTING_END);
	assert_int_equal(value(&w->c, "exits"), 12);
	reading(w, other, COUNTING_END);
	assert_int_equal(value(&w->c, "exits"), 2);
	assert_int_equal(value(&w->c, "hypercall_mmu_update"), 2);
	assert_int_equal(value(&w->c, "cut_off"), -1);
	xen_counter_release(other);
}

/* The process that named itself in the file "ends" is gone, or waits to be reaped. */
static bool has_ended(const struct world *w)
{
	char state[64];
	uint64_t pid;

	return file_number(&pid, "%s/ends", w->dir) &&
	       (!file_line(state, sizeof(state), "/proc/%" PRIu64 "/stat", pid) ||
		strstr(state, ") Z"));
}

static void says_that_a_trace_ended_early(void **state)
{
	struct world *w = *state;

	write_xentrace(w, "cat records >\"$last\"\nsleep 0.2\necho $$ >ends\n");
	reading(w, w->counter, COUNTING_BEGIN);
	assert_soon(has_ended(w));
	reading(w, w->counter, COUNTING_END);
	assert_int_equal(value(&w->c, "exits"), 6);
	assert_int_equal(value(&w->c, "cut_off"), 1);
}

static void says_why_nothing_is_counted(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];

	write_xentrace(w, "echo 'cannot open privcmd: no such file' >&2\nexit 1\n");
	reading(w, w->counter, COUNTING_BEGIN);
	assert_int_equal(w->c.count, 0);
	assert_non_null(strstr(w->c.remark, "cannot open privcmd: no such file"));
	snprintf(path, sizeof(path), "%s/xentrace", w->dir);
	assert_int_equal(unlink(path), 0);
	setenv("PATH", w->dir, 1);
	reading(w, w->counter, COUNTING_BEGIN);
	assert_int_equal(w->c.count, 0);
	assert_non_null(strstr(w->c.remark, "xen-utils"));
	assert_non_null(strstr(w->c.remark, "xentrace is not installed"));
	domid = NULL;
	reading(w, w->counter, COUNTING_BEGIN);
	assert_non_null(strstr(w->c.remark, "no domain nestbench-r1-3"));
	reading(w, w->counter, COUNTING_END);
	assert_int_equal(w->c.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_domain_is_counted),
		cmocka_unit_test(exits_have_the_names_of_the_processor),
		cmocka_unit_test(an_exit_of_svm_has_an_event_of_its_own),
		cmocka_unit_test(what_is_cut_off_is_left_out),
		cmocka_unit_test(nonsense_does_no_harm),
		cmocka_unit_test_setup_teardown(counts_from_begin_to_end, begin, end),
		cmocka_unit_test_setup_teardown(domains_share_the_trace, begin, end),
		cmocka_unit_test_setup_teardown(says_that_a_trace_ended_early, begin, end),
		cmocka_unit_test_setup_teardown(says_why_nothing_is_counted, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
