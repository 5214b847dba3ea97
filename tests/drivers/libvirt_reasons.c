/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which VMs are counted by reason, from when on and until when; tracefs is made up.
 */
#include "tests/check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/libvirt/reasons.h"
#include "lib/str.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define OTHER "6695eb01-f6a4-8304-79aa-97f2502e1930"

struct exit_trace *__wrap_exit_trace_open(const char *tracefs, pid_t pid,
					  bool (*is_cpu_thread)(const char *comm), struct err *err);
int __wrap_exit_trace_arm(struct exit_trace *t, struct err *err);
void __wrap_exit_trace_read(struct exit_trace *t, struct counts *out);
void __wrap_exit_trace_close(struct exit_trace *t);

static pid_t opened;	   /* the process of the last one */
static int is_open, opens; /* now; in all */
static bool cannot_open, cannot_arm;

struct exit_trace *__wrap_exit_trace_open(const char *tracefs, pid_t pid,
					  bool (*is_cpu_thread)(const char *comm), struct err *err)
{
	opens++;
	opened = pid;
	assert_true(is_cpu_thread("CPU 1/KVM"));
	assert_false(is_cpu_thread("CPU 1/TCG") || is_cpu_thread("qemu-system-x86"));
	if (cannot_open) {
		err_set(err, EXIT_MACHINE, "no tracefs");
		return NULL;
	}
	is_open++;
	return (struct exit_trace *)&is_open;
}

int __wrap_exit_trace_arm(struct exit_trace *t, struct err *err)
{
	return cannot_arm ? err_set(err, EXIT_MACHINE, "no histogram") : 0;
}

void __wrap_exit_trace_read(struct exit_trace *t, struct counts *out)
{
	counts_add(out, COUNT_KVM_EXIT, "exits", 7);
}

void __wrap_exit_trace_close(struct exit_trace *t)
{
	is_open -= t != NULL;
}

/* A process that stands in for QEMU, and the file in which libvirt notes it. */
static struct libvirt_session session = {.uri = "qemu:///system"};
static pid_t qemu;

static bool is_standing_in(void)
{
	struct buf words = BUF_INIT;
	bool is = file_text(&words, "/proc/%d/cmdline", (int)qemu) &&
		  strcmp(buf_str(&words), UUID) == 0;

	buf_release(&words);
	return is;
}

static int start_process(void **state)
{
	char path[200], text[16];
	struct err err;

	cannot_open = cannot_arm = false;
	is_open = opens = 0;
	qemu = fork();
	if (qemu == 0) {
		execl("/bin/sleep", UUID, "100", (char *)NULL);
		_exit(1);
	}
	str_copy(session.state_dir, sizeof(session.state_dir), "nb-reasons-XXXXXX");
	assert_non_null(mkdtemp(session.state_dir));
	snprintf(path, sizeof(path), "%s/web.pid", session.state_dir);
	snprintf(text, sizeof(text), "%d\n", (int)qemu);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
	assert_soon(is_standing_in());
	return 0;
}

static int end_process(void **state)
{
	struct err err;

	kill(qemu, SIGKILL);
	waitpid(qemu, NULL, 0);
	assert_int_equal(is_open, 0);
	return file_remove_tree(session.state_dir, &err);
}

static void a_vm_is_counted_while_it_is_looked_at(void **state)
{
	static struct counts c;
	struct libvirt_reasons r = {0};

	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	assert_int_equal(opened, qemu);
	assert_int_equal(c.item[0].n, 7);
	assert_string_equal(r.remark, "");
	libvirt_reasons_forget(&r);
	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	libvirt_reasons_forget(&r);
	assert_int_equal(opens, 1);
	assert_int_equal(is_open, 1);
	libvirt_reasons_forget(&r); /* it was not there any more */
	assert_int_equal(is_open, 0);
	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	assert_int_equal(is_open, 1);
	libvirt_reasons_close(&r);
}

static void only_the_vms_own_process_is_traced(void **state)
{
	static struct counts c;
	struct libvirt_reasons r = {0};
	struct libvirt_session remote = session;

	cannot_open = geteuid() != 0; /* an ordinary user asks for no process: nothing is theirs */
	libvirt_reasons_add(&r, &session, "web", OTHER, &c);
	libvirt_reasons_add(&r, &session, "none", UUID, &c);
	libvirt_reasons_close(&r);
	str_copy(remote.uri, sizeof(remote.uri), "qemu+ssh://far/system");
	libvirt_reasons_add(&r, &remote, "web", UUID, &c);
	assert_true(opens == 0 || opened == 0);
	assert_int_equal(is_open, 0);
	assert_int_equal(c.count, 0);
	if (geteuid() == 0)
		assert_non_null(strstr(r.remark, "process of a VM is not known"));
	libvirt_reasons_close(&r);
}

static void what_is_needed_is_told_once(void **state)
{
	static struct counts c;
	struct libvirt_reasons r = {0};

	cannot_open = true;
	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	assert_int_equal(opens, 1);
	assert_string_equal(r.remark, "no tracefs");
	libvirt_reasons_close(&r);
	cannot_open = false;
	cannot_arm = true;
	libvirt_reasons_add(&r, &session, "web", UUID, &c);
	assert_string_equal(r.remark, "no histogram");
	assert_int_equal(is_open, 0);
	libvirt_reasons_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_PROCESS(name) cmocka_unit_test_setup_teardown(name, start_process, end_process)
		WITH_PROCESS(a_vm_is_counted_while_it_is_looked_at),
		WITH_PROCESS(only_the_vms_own_process_is_traced),
		WITH_PROCESS(what_is_needed_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
