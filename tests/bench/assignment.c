/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <net/if.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/guest_devices.h"
#include "bench/agent/guest_modules.h"
#include "bench/agent/guest_net.h"
#include "lib/file.h"
#include "lib/str.h"

/* A PCI device that another program is slow to let go of: it is put back at the second try. */
static int tries;

/* The modules that were asked for; none is loaded. */
static char asked[256];

void __wrap_hostdev_save(const char *root, const char *address, struct hostdev_state *state);
int __wrap_hostdev_restore(const char *root, const struct hostdev_state *state, struct err *err);
int __wrap_child_run(const char *const argv[], const char *dir, const char *input,
		     uint64_t limit_ns, struct buf *out, struct err *err);
int __real_child_run(const char *const argv[], const char *dir, const char *input,
		     uint64_t limit_ns, struct buf *out, struct err *err);

void __wrap_hostdev_save(const char *root, const char *address, struct hostdev_state *state)
{
	(void)root;
	*state = (struct hostdev_state){.driver = "snd_hda_intel"};
	memcpy(state->address, address, PCI_ADDRESS);
}

int __wrap_hostdev_restore(const char *root, const struct hostdev_state *state, struct err *err)
{
	(void)root;
	assert_string_equal(state->driver, "snd_hda_intel");
	return tries++ ? 0 : err_set(err, EXIT_MACHINE, "%s is busy", state->address);
}

int __wrap_child_run(const char *const argv[], const char *dir, const char *input,
		     uint64_t limit_ns, struct buf *out, struct err *err)
{
	if (strcmp(argv[0], "modprobe") != 0)
		return __real_child_run(argv, dir, input, limit_ns, out, err);
	str_addf(asked, sizeof(asked), "%s ", argv[1]);
	return 0;
}

/* What could not be put back stays in the note, for `nestbench clean`; what could goes with it. */
static void a_device_that_is_not_put_back_is_kept_in_mind(void **state)
{
	const struct device_request wanted = {
		.net = NET_NONE, .hostdev = {"0000:01:00.1"}, .hostdevs = 1};
	struct hostdev_state noted[HOSTDEV_MAX];
	char dir[] = "/tmp/nestbench-test-XXXXXX";
	struct layer_spec config = {.depth = 1, .work_dir = dir};
	struct assignment assignment = ASSIGNMENT_NONE;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (tries = 0; tries < 2;) {
		int before = tries;

		assert_works(assignment_make(&assignment, &wanted, &config, false, &err), err);
		assert_int_equal(assignment_read_note(dir, noted, &err), 1);
		assert_string_equal(noted[0].address, "0000:01:00.1");
		assignment_end(&assignment);
		assert_int_equal(tries, before + 1);
		assert_int_equal(assignment_read_note(dir, noted, &err), before ? 0 : 1);
		/* The slot is free: nothing is put back twice. */
		assignment_after_death();
		assert_int_equal(tries, before + 1);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void requests_go_to_agents_and_back(void **state)
{
	static const char *const devices[] = {"01:00.0", "0000:01:00.1"};
	struct device_request wanted, back;
	json_t *request = json_object();
	struct err err;

	(void)state;
	assert_works(device_request_parse(&wanted, true, "tap", devices, 2, &err), err);
	wanted.balloon = wanted.hpet = true;
	assert_int_equal(device_request_to_json(&wanted, 1, request), 0);
	assert_works(device_request_from_json(request, &back, &err), err);
	assert_memory_equal(&wanted, &back, sizeof(wanted));
	/* A device goes to L1 alone. */
	assert_int_equal(device_request_to_json(&wanted, 2, request), 0);
	assert_works(device_request_from_json(request, &back, &err), err);
	assert_int_equal(back.hostdevs, 0);
	assert_int_equal(back.net, NET_TAP);
	wanted.net = NET_NONE;
	assert_int_equal(device_request_to_json(&wanted, 2, request), 0);
	assert_works(device_request_from_json(request, &back, &err), err);
	assert_int_equal(back.net, NET_NONE);
	json_decref(request);
}

static void bad_requests(void **state)
{
	static const char *const nonsense[] = {"/dev/nvidia0"}, *const many[HOSTDEV_MAX + 1] = {
									"01:00.0", "02:00.0",
									"03:00.0", "04:00.0",
									"05:00.0", "06:00.0",
									"07:00.0", "08:00.0",
									"09:00.0"};
	json_t *request = json_pack("{s:[s, i]}", "hostdev", "0000:01:00.0", 7),
	       *net = json_pack("{s:s}", "net", "bridge");
	struct device_request wanted;
	struct err err;

	(void)state;
	assert_fails(device_request_parse(&wanted, false, "bridge", NULL, 0, &err), err, EXIT_USAGE,
		     "--net: kind of network: there is no \"bridge\": expected user or tap");
	assert_fails(device_request_parse(&wanted, false, "user", nonsense, 1, &err), err,
		     EXIT_USAGE, "--hostdev: \"/dev/nvidia0\" is not a PCI address");
	assert_fails(device_request_parse(&wanted, false, "user", many, HOSTDEV_MAX + 1, &err), err,
		     EXIT_USAGE, "at most 8 devices");
	assert_fails(device_request_from_json(request, &wanted, &err), err, EXIT_USAGE,
		     "PCI address");
	assert_fails(device_request_from_json(net, &wanted, &err), err, EXIT_USAGE, "bridge");
	json_decref(request);
	json_decref(net);
}

static void what_this_machine_lacks(void **state)
{
	struct device_request wanted = {.hostdev = {"ffff:ff:1f.7"}, .hostdevs = 1};
	struct err err;

	(void)state;
	assert_fails(device_request_check(&wanted, 1 << 30, &err), err, EXIT_MACHINE,
		     "--hostdev: the PCI device ffff:ff:1f.7 cannot be assigned to L1: it does not "
		     "exist");
	wanted = (struct device_request){.hugepages = true};
	/* More than any machine has. */
	assert_fails(device_request_check(&wanted, UINT64_C(1) << 50, &err), err, EXIT_MACHINE,
		     "--hugepages: ");
}

/* As a VM would have it, without the VM: the interface is there during the assignment and gone
 * after. */
static void a_tap_for_the_time_of_the_assignment(void **state)
{
	const struct device_request wanted = {.net = NET_TAP};
	struct layer_spec config[2] = {{.depth = 1}, {.depth = 1}};
	struct assignment assignment[2] = {ASSIGNMENT_NONE, ASSIGNMENT_NONE};
	char path[128], line[16], name[2][NET_TAP_NAME];
	struct err err;

	(void)state;
	if (net_tap_check(&err) < 0) {
		const char *why = strstr(err.text, "CAP_NET_ADMIN") ? "CAP_NET_ADMIN" : "tun";

		assert_int_equal(err.code, EXIT_MACHINE);
		assert_fails(assignment_make(&assignment[0], &wanted, &config[0], false, &err), err,
			     EXIT_MACHINE, why);
		skip();
	}
	for (int i = 0; i < 2; i++) {
		assert_works(assignment_make(&assignment[i], &wanted, &config[i], false, &err),
			     err);
		strcpy(name[i], config[i].net->tap);
		assert_true(if_nametoindex(name[i]) > 0);
		/* Nothing that comes in is passed on. */
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/forwarding", name[i]);
		assert_true(file_line(line, sizeof(line), "%s", path));
		assert_string_equal(line, "0");
	}
	assert_string_not_equal(name[0], name[1]);
	assert_string_not_equal(config[0].net->guest, config[1].net->guest);
	assignment_end(&assignment[0]);
	assignment_end(&assignment[0]);
	assert_int_equal(if_nametoindex(name[0]), 0);
	assert_true(if_nametoindex(name[1]) > 0);
	/* As the reaper does it. */
	assignment_after_death();
	assert_int_equal(if_nametoindex(name[1]), 0);
}

static void count_taps(void *ctx, const char *name)
{
	(void)name;
	*(int *)ctx += 1;
}

/* Killed with its reaper: the interface stays, and the next command finds whose it was. */
static void taps_of_the_dead_are_swept(void **state)
{
	const struct device_request wanted = {.net = NET_TAP};
	struct layer_spec config = {.depth = 1};
	struct assignment assignment = ASSIGNMENT_NONE;
	int taps = 0, status;
	struct err err;
	pid_t pid;

	(void)state;
	if (net_tap_check(&err) < 0)
		skip();
	net_tap_sweep(false, NULL, NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(assignment_make(&assignment, &wanted, &config, false, &err) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	net_tap_sweep(true, count_taps, &taps);
	assert_int_equal(taps, 1);
	net_tap_sweep(false, count_taps, &taps);
	assert_int_equal(taps, 2);
	net_tap_sweep(true, count_taps, &taps);
	assert_int_equal(taps, 2);
}

static void interfaces_of_others_are_left_alone(void **state)
{
	(void)state;
	net_tap_remove("lo");
	net_tap_remove("nbt0n0");
	net_tap_remove("nbt1n0x");
	assert_true(if_nametoindex("lo") > 0);
}

static void cards_that_are_none(void **state)
{
	static const char *const bad[] = {"x",	       "10.0.2.15/24",	   "user,10.0.2/24",
					  "user,x/24", "user,10.0.2.15/0", "user,10.0.2.15/32"};
	struct net_guest g;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_fails(net_guest_setup(bad[i], &g, &err), err, EXIT_INTERNAL,
			     "of the form KIND,ADDRESS/PREFIX");
		assert_string_equal(g.peer, "none");
		net_guest_release(&g);
	}
}

/* No list is one of a machine that is not ours. */
static void the_modules_that_an_image_names(void **state)
{
	char *dir = test_dir_make(), path[256];
	struct err err;

	(void)state;
	asked[0] = '\0';
	snprintf(path, sizeof(path), "%s/list", dir);
	guest_modules_load(path);
	assert_string_equal(asked, "");
	assert_works(file_write_whole(path, "msr\nloop\n", 9, &err), err);
	guest_modules_load(path);
	assert_string_equal(asked, "msr loop ");
	assert_works(file_remove_tree(dir, &err), err);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_go_to_agents_and_back),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(what_this_machine_lacks),
		cmocka_unit_test(a_tap_for_the_time_of_the_assignment),
		cmocka_unit_test(taps_of_the_dead_are_swept),
		cmocka_unit_test(interfaces_of_others_are_left_alone),
		cmocka_unit_test(cards_that_are_none),
		cmocka_unit_test(the_modules_that_an_image_names),
		cmocka_unit_test(a_device_that_is_not_put_back_is_kept_in_mind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
