/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/abi_stamp.h"
#include "drivers/driver.h"
#include "drivers/libvirt/ops.h"
#include "lib/child.h"
#include "lib/clock.h"

/* As a child of itself, from another directory, the program only tries to load the module. */
static int load_and_report(void)
{
	struct err err;

	if (libvirt_ops_load(&err))
		return EXIT_FINE;
	puts(err.text);
	return (int)err.code;
}

static void accelerators(void **state)
{
	struct err err;
	enum accel a;

	(void)state;
	for (int i = 0; accel_name((enum accel)i); i++) {
		assert_works(accel_parse(accel_name((enum accel)i), &a, &err), err);
		assert_int_equal(a, i);
	}
	assert_null(accel_name((enum accel)17));
	assert_fails(accel_parse("hvf", &a, &err), err, EXIT_USAGE, "auto, kvm or tcg");
	assert_fails(accel_parse("", &a, &err), err, EXIT_USAGE, "auto, kvm or tcg");
}

static void module_beside_the_program(void **state)
{
	const struct libvirt_ops *ops;
	struct err err;

	(void)state;
	ops = libvirt_ops_load(&err);
	if (!ops)
		fail_msg("%s", err.text);
	assert_non_null(ops->start);
	assert_non_null(ops->stop);
	assert_non_null(ops->probe);
	assert_ptr_equal(libvirt_ops_load(&err), ops);
}

/* Copies this program into dir and lets the copy load what lies beside it. */
static void load_from(const char *dir, struct buf *out, struct err *err)
{
	struct buf program = BUF_INIT, path = BUF_INIT;
	const char *argv[] = {NULL, "load", NULL};

	assert_works(file_read("/proc/self/exe", 1 << 28, &program, err), *err);
	buf_addf(&path, "%s/program", dir);
	assert_works(file_write_whole(buf_str(&path), program.data, program.len, err), *err);
	assert_int_equal(chmod(buf_str(&path), 0755), 0);
	argv[0] = buf_str(&path);
	assert_int_equal(child_run(argv, NULL, NULL, 20 * NS_PER_S, out, err), -1);
	buf_release(&program);
	buf_release(&path);
}

static void no_module(void **state)
{
	char *dir = test_dir_make();
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	load_from(dir, &out, &err);
	assert_non_null(strstr(err.text, "exit code 3"));
	assert_non_null(strstr(buf_str(&out), "nestbench_libvirt.so is missing: it is neither in"));
	assert_non_null(strstr(buf_str(&out), "../libexec/nestbench"));
	buf_release(&out);
	test_dir_remove(dir);
}

/* A module of another build, or of a time without stamps, is not used, however its structs look. */
static void module_of_another_build(void **state)
{
	char *dir = test_dir_make(), ours[PATH_MAX], *at;
	struct buf module = BUF_INIT, path = BUF_INIT, out = BUF_INIT;
	static const char *const sayings[] = {"its interface is 0000", "its interface is an older"};
	struct err err;

	(void)state;
	snprintf(ours, sizeof(ours), "%s/nestbench_libvirt.so", TEST_BINARY_DIR);
	buf_addf(&path, "%s/nestbench_libvirt.so", dir);
	assert_works(file_read(ours, 1 << 26, &module, &err), err);
	at = memmem(module.data, module.len, NB_ABI_STAMP, strlen(NB_ABI_STAMP));
	assert_non_null(at);
	/* Some compilers keep more than one. */
	for (; at; at = memmem(module.data, module.len, NB_ABI_STAMP, strlen(NB_ABI_STAMP)))
		memset(at, '0', 4);
	for (int i = 0; i < 2; i++) {
		buf_clear(&out);
		assert_works(file_write_whole(buf_str(&path), module.data, module.len, &err), err);
		load_from(dir, &out, &err);
		assert_non_null(strstr(err.text, "exit code 3"));
		assert_non_null(strstr(buf_str(&out), sayings[i]));
		assert_non_null(strstr(buf_str(&out), "build or install both again"));
		/* Without the symbol. */
		while ((at = memmem(module.data, module.len, LIBVIRT_STAMP_SYMBOL,
				    strlen(LIBVIRT_STAMP_SYMBOL))))
			at[0] = 'x';
	}
	buf_release(&module);
	buf_release(&path);
	buf_release(&out);
	test_dir_remove(dir);
}

static void damaged_module(void **state)
{
	struct buf path = BUF_INIT, out = BUF_INIT;
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	buf_addf(&path, "%s/nestbench_libvirt.so", dir);
	assert_works(file_write_whole(buf_str(&path), "garbage", 7, &err), err);
	load_from(dir, &out, &err);
	assert_non_null(strstr(err.text, "exit code 3"));
	assert_non_null(strstr(buf_str(&out), "cannot be loaded"));
	assert_non_null(strstr(buf_str(&out), "libvirt-daemon-driver-qemu"));
	buf_release(&out);
	buf_release(&path);
	test_dir_remove(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accelerators),	  cmocka_unit_test(module_beside_the_program),
		cmocka_unit_test(no_module),	  cmocka_unit_test(module_of_another_build),
		cmocka_unit_test(damaged_module),
	};

	if (argc > 1 && strcmp(argv[1], "load") == 0)
		return load_and_report();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
