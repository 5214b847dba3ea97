/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signs of life of a real agent, whose libvirt is a socket that takes calls and never answers; and
 * what the limits derive from. The clock runs faster than the machine's, so that they come soon.
 */
#include "tests/check.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/agent/layer_message.h"
#include "bench/link/link.h"
#include "drivers/driver.h"
#include "lib/streams.h"

enum { HURRY = 4 };

static uint64_t hurry(void *ctx)
{
	(void)ctx;
	return clock_now(&clock_machine) * HURRY;
}

static const struct clock fast = {.now_ns = hurry};

extern const struct driver driver_kvm;

struct world {
	char *dir, *option, *file;
	int listener;
	struct layer layer;
	struct link link;
};

static pid_t group; /* of the agent, for the handler */

/* It leads the agent's group. */
static pid_t only_child(void)
{
	char path[64];
	pid_t pid = 0, more;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d %d", &pid, &more), 1);
	fclose(f);
	return pid;
}

static int begin(void **state)
{
	static struct world w;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct err err;

	w = (struct world){.dir = test_dir_make(), .layer = LAYER_INIT};
	assert_true(asprintf(&w.file, "%s/file", w.dir) > 0);
	assert_works(file_write_whole(w.file, "x", 1, &err), err);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/libvirt", w.dir);
	w.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w.listener, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(w.listener, 4), 0);
	assert_true(asprintf(&w.option, "uri=qemu+unix:///system?socket=%s", at.sun_path) > 0);
	w.layer.driver = &driver_bare;
	w.layer.spec.work_dir = w.dir;
	w.layer.spec.program = NESTBENCH;
	w.layer.spec.kernel = w.layer.spec.initrd = w.layer.spec.disk = w.file;
	assert_works(driver_bare.start(&w.layer, &err), err);
	group = only_child();
	link_open(&w.link, w.layer.fd, &fast, -1);
	assert_works(channel_send(&w.link.channel, configure_message(0, 0, &w.layer.inside), &err),
		     err);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	kill(-group, SIGCONT);
	link_release(&w->link);
	/* libvirt sees that nobody answers any more, and the agent its end of file. */
	close(w->listener);
	driver_bare.stop(&w->layer);
	facts_release(&w->layer.facts);
	free(w->option);
	free(w->file);
	test_dir_remove(w->dir);
	return 0;
}

static int start_child(struct world *w, uint64_t limit_ns, struct err *err)
{
	const struct text_list options = {.item = {"accel=tcg", w->option}, .count = 2};
	const struct layer_spec spec = {.depth = 1,
					.siblings = 1,
					.vcpus = 1,
					.measured_vcpus = 1,
					.memory_bytes = 64 << 20,
					.run = "test",
					.options = &options,
					.boot_limit_ns = 60 * NS_PER_S};
	const struct device_request devices = {.net = NET_NONE};
	json_t *done;

	return link_call(&w->link, 0, "start_child", start_message(&driver_kvm, &spec, &devices),
			 limit_ns, &done, err);
}

/* Longer than a silence may be: an agent that waits for libvirt is not given up. */
static void busy_is_not_silent(void **state)
{
	struct world *w = *state;
	struct err err;

	assert_true(timeouts_silence_ns(&w->link.timeouts, 0) < 20 * NS_PER_S);
	assert_int_equal(start_child(w, 24 * NS_PER_S, &err), -1);
	if (!strstr(err.text, "L0 did not answer \"start_child\" within 24 s; it was waiting for "
			      "virConnectOpen"))
		fail_msg("%s", err.text);
	assert_int_equal(link_alive(&w->link), 1);
	/* About one a second. */
	assert_in_range(w->link.timeouts.gap_ns[0], HURRY * NS_PER_S / 2, 3 * HURRY * NS_PER_S);
}

static void stop_agent(int signal)
{
	(void)signal;
	kill(-group, SIGSTOP);
}

/* One that is stopped meanwhile is, long before the request's own limit. */
static void stopped_is_silent(void **state)
{
	struct world *w = *state;
	struct err err;

	signal(SIGALRM, stop_agent);
	alarm(2);
	assert_int_equal(start_child(w, 3600 * NS_PER_S, &err), -1);
	assert_int_equal(link_alive(&w->link), 0);
	assert_true(w->link.silent);
	if (!strstr(err.text, "L0 is gone: silent for ") ||
	    !strstr(err.text, "asked to start_child; last heard waiting for virConnectOpen"))
		fail_msg("%s", err.text);
}

static uint64_t attempt_ns(const struct timeouts *t, int depth, const struct text_list *options)
{
	const struct layer_spec spec = {.layer = depth, .depth = depth, .options = options};
	struct start_limit limit = timeouts_start(t, &driver_kvm, &spec);

	assert_true(limit.total_ns > limit.attempt_ns);
	return limit.attempt_ns;
}

static void limits_derive_from_what_was_seen(void **state)
{
	static const struct text_list system_libvirt = {.item = {"uri=x"}, .count = 1};
	const struct timeouts none = {0}, slow = {.boot_ns = {0, 20 * NS_PER_S}},
			      gaps = {.gap_ns = {0, 10 * NS_PER_S}},
			      lies = {.boot_ns = {0, UINT64_MAX}, .gap_ns = {0, UINT64_MAX}};

	(void)state;
	for (uint32_t layer = 0; layer < DEPTH_MAX; layer++) {
		assert_true(timeouts_silence_ns(&none, layer) <
			    timeouts_silence_ns(&none, layer + 1));
		assert_true(timeouts_talk_ns(&none, layer) < timeouts_talk_ns(&none, layer + 1));
		assert_true(timeouts_setup_ns(&none, layer, 0) <
			    timeouts_setup_ns(&none, layer + 1, 0));
		assert_true(timeouts_batch_ns(&none, layer, 1) <
			    timeouts_batch_ns(&none, layer + 1, 1));
		assert_true(timeouts_silence_ns(&none, layer) < timeouts_talk_ns(&none, layer));
	}
	assert_int_equal(timeouts_silence_ns(&none, 1), 30 * NS_PER_S);
	assert_int_equal(timeouts_silence_ns(&slow, 1), 80 * NS_PER_S);
	assert_int_equal(timeouts_silence_ns(&gaps, 1), 80 * NS_PER_S);
	assert_int_equal(timeouts_silence_ns(&lies, 1), TIMEOUTS_SILENCE_MAX_NS);
	assert_int_equal(attempt_ns(&slow, 2, NULL), 270 * NS_PER_S);
	assert_int_equal(attempt_ns(&none, 1, &system_libvirt), 180 * NS_PER_S);
	assert_true(attempt_ns(&lies, 2, NULL) < 3 * 3600 * NS_PER_S);
	assert_true(timeouts_setup_ns(&slow, 1, NS_PER_S) < timeouts_setup_ns(&slow, 1, 0));
	assert_int_equal(timeouts_setup_ns(&none, 0, 3 * NS_PER_S), 90 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest pure[] = {
		cmocka_unit_test(limits_derive_from_what_was_seen),
	};
	const struct CMUnitTest with_agent[] = {
		cmocka_unit_test_setup_teardown(busy_is_not_silent, begin, end),
		cmocka_unit_test_setup_teardown(stopped_is_silent, begin, end),
	};
	int failed = cmocka_run_group_tests(pure, NULL, NULL);

	streams_begin();
	/* AddressSanitizer's own xdrmem_create() crashes in a libvirt that was loaded later. */
	return failed || TEST_SANITIZED ? failed : cmocka_run_group_tests(with_agent, NULL, NULL);
}
