/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether containers can be made, on machines that are files; and their groups. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/container/ability.h"
#include "drivers/container/container.h"
#include "drivers/container/memory_group.h"
#include "drivers/driver.h"

static int begin(void **state)
{
	*state = test_dir_make();
	return 0;
}

static int end(void **state)
{
	test_dir_remove(*state);
	return 0;
}

static void put(const char *root, const char *path, const char *text)
{
	char whole[512], *slash;
	struct err err;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	slash = strrchr(whole, '/');
	*slash = '\0';
	assert_works(file_make_dirs(whole, &err), err);
	*slash = '/';
	assert_works(file_write_whole(whole, text, strlen(text), &err), err);
}

static void put_dir(const char *root, const char *path)
{
	char whole[512];
	struct err err;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	assert_works(file_make_dirs(whole, &err), err);
}

/* An ordinary user's machine where everything is allowed. */
static void make_machine(const char *root)
{
	put(root, "proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
	put(root, "proc/self/uid_map", "         0          0 4294967295\n");
	put(root, "proc/filesystems", "nodev\tproc\n\text4\nnodev\tfuse\n");
	put(root, "dev/fuse", "");
	put(root, "proc/sys/user/max_user_namespaces", "9000\n");
	put(root, "proc/self/mounts", "cgroup2 /cg cgroup2 rw,nosuid 0 0\n");
	put(root, "proc/self/cgroup", "0::/user/session\n");
	put(root, "cg/user/cgroup.subtree_control", "cpu memory pids\n");
	put_dir(root, "cg/user/session");
	put(root, "cg/cgroup.subtree_control", "cpu memory pids\n");
}

static void read_machine(const char *root, struct ability *a)
{
	ability_read(root, a);
	/* Whatever is installed here. */
	snprintf(a->bwrap, sizeof(a->bwrap), "/usr/bin/bwrap");
	snprintf(a->lxc.libvirtd, sizeof(a->lxc.libvirtd), "/usr/sbin/libvirtd");
	snprintf(a->lxc.driver, sizeof(a->lxc.driver), "/usr/lib/libvirt_driver_lxc.so");
	snprintf(a->lxc.controller, sizeof(a->lxc.controller), "/usr/lib/libvirt/libvirt_lxc");
}

static void an_ordinary_user(void **state)
{
	struct ability a;
	struct err why;

	make_machine(*state);
	read_machine(*state, &a);
	assert_false(ability_lacks_bwrap(&a, &why));
	assert_true(ability_lacks_lxc(&a, &why));
	assert_non_null(strstr(why.text, "run as root"));
	assert_string_equal(a.groups, "");
	assert_int_equal(a.cgroup, 2);
}

static void root_has_both(void **state)
{
	struct ability a;
	struct err why;

	make_machine(*state);
	put(*state, "proc/self/status", "CapEff:\t000001ffffffffff\n");
	put(*state, "proc/sys/user/max_user_namespaces", "0\n");
	read_machine(*state, &a);
	a.root = true;
	assert_false(ability_lacks_bwrap(&a, &why));
	assert_false(ability_lacks_lxc(&a, &why));
}

static void root_of_a_user_namespace(void **state)
{
	struct ability a;
	struct err why;

	make_machine(*state);
	put(*state, "proc/self/status", "CapEff:\t000001ffffffffff\n");
	put(*state, "proc/self/uid_map", "         0       1000          1\n");
	read_machine(*state, &a);
	assert_false(a.root);
	assert_true(ability_lacks_lxc(&a, &why));
	assert_non_null(strstr(why.text, "user namespaces"));
}

/* Each in its turn, and the way to change it. */
static void what_stands_in_the_way(void **state)
{
	static const struct {
		const char *path, *text, *says;
	} switches[] = {
		{"proc/sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces=10000"},
		{"proc/sys/kernel/unprivileged_userns_clone", "0\n",
		 "sysctl kernel.unprivileged_userns_clone=1"},
		{"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
		 "sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
	};
	struct ability a;
	struct err why;

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		char path[512];

		make_machine(*state);
		put(*state, switches[i].path, switches[i].text);
		read_machine(*state, &a);
		assert_true(ability_lacks_bwrap(&a, &why));
		assert_non_null(strstr(why.text, switches[i].says));
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, switches[i].path);
		assert_int_equal(unlink(path), 0);
	}
	make_machine(*state);
	read_machine(*state, &a);
	a.bwrap[0] = '\0';
	assert_true(ability_lacks_bwrap(&a, &why));
	assert_non_null(strstr(why.text, "apt-get install bubblewrap"));
}

static void what_libvirt_lacks(void **state)
{
	struct ability a, b;
	struct err why;

	make_machine(*state);
	put(*state, "proc/self/status", "CapEff:\t000001ffffffffff\n");
	put(*state, "proc/filesystems", "nodev\tproc\nnodev\tfusectl\n\tfuseblk\n");
	read_machine(*state, &a);
	a.root = true;
	assert_true(ability_lacks_lxc(&a, &why));
	assert_non_null(strstr(why.text, "modprobe fuse"));
	b = a;
	b.lxc.controller[0] = '\0';
	assert_true(ability_lacks_lxc(&b, &why));
	assert_non_null(strstr(why.text, "apt-get install libvirt-daemon-driver-lxc"));
	b.lxc.libvirtd[0] = '\0';
	assert_true(ability_lacks_lxc(&b, &why));
	assert_string_equal(strstr(why.text, "apt-get"), "apt-get install libvirt-daemon");
	put(*state, "proc/filesystems", "nodev\tfuse\n");
	put(*state, "proc/self/mounts", "tmpfs /tmp tmpfs rw 0 0\n");
	read_machine(*state, &a);
	a.root = true;
	assert_true(ability_lacks_lxc(&a, &why));
	assert_non_null(strstr(why.text, "mount -t cgroup2"));
}

static void expect_base(const char *root, int version, const char *want)
{
	char dir[PATH_MAX], whole[512];
	struct err err;
	int got;

	assert_works(memory_group_base(root, dir, &got, &err), err);
	snprintf(whole, sizeof(whole), "%s%s", root, want);
	assert_int_equal(got, version);
	assert_string_equal(dir, whole);
}

/* The nearest group that hands the memory on. */
static void where_groups_are_made(void **state)
{
	char *root = *state, dir[PATH_MAX];
	struct err err;
	int version;

	make_machine(root);
	expect_base(root, 2, "/cg/user");
	put(root, "cg/user/cgroup.subtree_control", "cpu\n");
	expect_base(root, 2, "/cg");
	put(root, "proc/self/cgroup", "0::/\n");
	expect_base(root, 2, "/cg");
	put(root, "cg/cgroup.subtree_control", "\n");
	assert_fails(memory_group_base(root, dir, &version, &err), err, EXIT_MACHINE,
		     "below /cg, are not ours to write");
	/* A hybrid: the memory is of version 1. */
	put(root, "proc/self/mounts",
	    "cgroup2 /cg cgroup2 rw 0 0\ncgroup /v1 cgroup rw,relatime,memory 0 0\n");
	put(root, "proc/self/cgroup", "8:cpu:/\n4:memory:/mine\n0::/user\n");
	put_dir(root, "v1/mine");
	expect_base(root, 1, "/v1/mine");
	put(root, "proc/self/cgroup", "8:cpu:/\n");
	assert_fails(memory_group_base(root, dir, &version, &err), err, EXIT_MACHINE,
		     "cgroup_disable=memory");
}

static void a_group_is_made_and_removed(void **state)
{
	struct memory_group g;
	struct buf said = BUF_INIT;
	struct err err;

	make_machine(*state);
	put_dir(*state, "cg/user/nestbench-r1-1-0");
	put_dir(*state, "cg/user/nestbench-r2-1-0");
	assert_int_equal(memory_group_sweep(*state, "nestbench-r1-", true, &said), 1);
	assert_string_equal(buf_str(&said), "nestbench-r1-1-0");
	assert_true(file_exists("%s/cg/user/nestbench-r1-1-0", (char *)*state));
	buf_clear(&said);
	assert_int_equal(memory_group_sweep(*state, "nestbench-r1-", false, &said), 1);
	assert_false(file_exists("%s/cg/user/nestbench-r1-1-0", (char *)*state));
	assert_true(file_exists("%s/cg/user/nestbench-r2-1-0", (char *)*state));
	assert_int_equal(memory_group_sweep(*state, "nestbench-r1-", false, &said), 0);
	/* The files of a group are the kernel's: in a plain directory there is none to write. */
	assert_fails(memory_group_make(&g, *state, "nestbench-r3-1-0", 4096, &err), err,
		     EXIT_MACHINE, "cannot limit the memory");
	assert_string_equal(g.dir, "");
	assert_false(file_exists("%s/cg/user/nestbench-r3-1-0", (char *)*state));
	memory_group_remove(&g);
	buf_release(&said);
}

static void what_the_kernel_killed(void **state)
{
	char pattern[300];

	put(*state, "a-x/memory.events", "low 0\nmax 4\noom 1\noom_kill 2\noom_group_kill 0\n");
	put(*state, "b-x/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
	put(*state, "c/memory.events", "oom_kill 7\n");
	snprintf(pattern, sizeof(pattern), "%s/*-x", (char *)*state);
	assert_int_equal(container_memory_kills(pattern), 5);
	snprintf(pattern, sizeof(pattern), "%s/nothing", (char *)*state);
	assert_int_equal(container_memory_kills(pattern), 0);
	assert_int_equal(container_memory_kills(""), 0);
}

/* What doctor and run say: how many findings of each sort, and the last text. */
struct heard {
	int findings[3];
	char text[600];
};

static void __attribute__((format(printf, 4, 5)))
hear(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
{
	struct heard *h = ctx;
	va_list ap;

	assert_int_equal(strncmp(topic, "container", 9), 0);
	h->findings[f]++;
	va_start(ap, fmt);
	vsnprintf(h->text, sizeof(h->text), fmt, ap);
	va_end(ap);
}

static void what_is_said(void **state)
{
	const struct driver *const outer[] = {&driver_bare, driver_find("kvm", NULL)};
	struct text_list options = {.item = {"by=docker"}, .count = 1};
	struct layer_spec spec = {.depth = 1, .outer = outer, .options = &options};
	struct heard h = {0};
	const struct driver_probe p = {.say = hear, .ctx = &h};

	(void)state;
	driver_container.require(&p, &spec);
	assert_int_equal(h.findings[FINDING_FAIL], 1);
	assert_non_null(strstr(h.text, "docker"));
	options.item[0] = "by=auto";
	h = (struct heard){0};
	driver_container.require(&p, &spec);
	assert_true(h.findings[FINDING_OK] + h.findings[FINDING_NOTE] + h.findings[FINDING_FAIL] >=
		    3);
	spec.depth = 2;
	h = (struct heard){0};
	driver_container.require(&p, &spec);
	assert_non_null(strstr(h.text, "guest image"));
	h = (struct heard){0};
	driver_container.probe(&p);
	assert_int_equal(h.findings[FINDING_FAIL], 0);
	assert_true(h.findings[FINDING_OK] + h.findings[FINDING_NOTE] == 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_ordinary_user),
		TEST(root_has_both),
		TEST(root_of_a_user_namespace),
		TEST(what_stands_in_the_way),
		TEST(what_libvirt_lacks),
		TEST(where_groups_are_made),
		TEST(a_group_is_made_and_removed),
		TEST(what_the_kernel_killed),
		TEST(what_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
