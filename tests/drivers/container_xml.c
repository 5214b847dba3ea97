/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/container/lxc_xml.h"
#include "drivers/container/view.h"

static void expect(const char *xml, const char *part)
{
	if (!strstr(xml, part))
		fail_msg("\"%s\" is not in %s", part, xml);
}

static void the_domain(void **state)
{
	static struct view view = {.item = {{VIEW_EMPTY, "/tmp"},
					    {VIEW_READ, "/a&b/program"},
					    {VIEW_CHARS, "/dev/kvm"},
					    {VIEW_BLOCKS, "/dev/vda"},
					    {VIEW_WRITE, "/tmp/w"}},
				   .count = 5,
				   .program = "/a&b/program/nestbench"};
	char *root = test_dir_make(), path[300], target[32], *xml;
	struct lxc_config c = {.name = "nestbench-r-1-0",
			       .cpus = "1,3",
			       .vcpus = 2,
			       .memory_bytes = 64 << 20,
			       .root = root,
			       .view = &view,
			       .log = "/tmp/w/agent.log"};
	struct stat st, of;
	struct err err;

	(void)state;
	setenv("NESTBENCH_WORK_DIR", "/tmp/<x>", 1);
	xml = lxc_xml(&c, &err);
	if (!xml)
		fail_msg("%s", err.text);
	expect(xml, "<memory unit='KiB'>65536</memory>");
	expect(xml, "<vcpu placement='static' cpuset='1,3'>2</vcpu>");
	expect(xml, "<initarg>/a&amp;b/program/nestbench</initarg>");
	expect(xml, "<initenv name='NESTBENCH_WORK_DIR'>/tmp/&lt;x&gt;</initenv>");
	expect(xml, "type='misc'>\n      <source><char>/dev/kvm</char></source>");
	expect(xml, "type='storage'>\n      <source><block>/dev/vda</block></source>");
	expect(xml, "<source dir='/usr'/>\n      <target dir='/usr'/>\n      <readonly/>");
	/* What is written lies above what hides it, and is not read-only. */
	expect(strstr(xml, "<filesystem type='ram'>"), "<target dir='/tmp/w'/>\n    </filesystem>");
	assert_null(strstr(xml, "dir='/proc'"));
	/* "/" has the same links. */
	assert_int_equal(lstat("/bin", &of), 0);
	snprintf(path, sizeof(path), "%s/bin", root);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & S_IFMT, of.st_mode & S_IFMT);
	if (S_ISLNK(st.st_mode))
		assert_true(readlink(path, target, sizeof(target)) > 0);
	free(xml);
	/* A root that is not empty is another's. */
	assert_null(lxc_xml(&c, &err));
	assert_int_equal(err.code, EXIT_MACHINE);
	unsetenv("NESTBENCH_WORK_DIR");
	test_dir_remove(root);
}

static void the_view(void **state)
{
	char *dir = test_dir_make(), program[300], scratch[300], work[300];
	struct layer_spec spec = {.work_dir = dir, .program = program, .scratch = scratch};
	struct view v;
	struct err err;

	(void)state;
	snprintf(program, sizeof(program), "%s/agent", dir);
	snprintf(scratch, sizeof(scratch), "%s/scratch", dir);
	assert_fails(view_make(&v, &spec, "c1", &err), err, EXIT_MACHINE,
		     "cannot find the program");
	assert_works(file_write_whole(program, "", 0, &err), err);
	assert_fails(view_make(&v, &spec, "c1", &err), err, EXIT_USAGE, "scratch");
	assert_works(file_write_whole(scratch, "", 0, &err), err);
	assert_works(view_make(&v, &spec, "c1", &err), err);
	snprintf(work, sizeof(work), "%s/c1", dir);
	assert_string_equal(v.work_dir, work);
	assert_string_equal(v.item[v.count - 1].path, work);
	assert_int_equal(v.item[v.count - 1].kind, VIEW_WRITE);
	assert_string_equal(v.item[v.count - 2].path, scratch);
	assert_int_equal(v.item[v.count - 2].kind, VIEW_WRITE);
	spec.work_dir = "/nowhere";
	assert_fails(view_make(&v, &spec, "c1", &err), err, EXIT_USAGE, "/nowhere");
	test_dir_remove(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain),
		cmocka_unit_test(the_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
