/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages, with an apt that is a shell script: no network, no package lists. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"

static char *dir, *old_path;
static struct package_store store;

/* What the fake apt says depends on files beside it: lists, network, asked (a log). */
static const char fake_get[] =
	"#!/bin/sh\n"
	"here=${0%/*}\n"
	"echo \"$0 $*\" >>$here/asked\n"
	"case $1 in\n"
	"indextargets) cat $here/lists; exit 0 ;;\n"
	"download)\n"
	"	[ -e $here/network ] || { echo 'E: Failed to fetch http://deb: could not resolve'; "
	"exit 100; }\n"
	"	shift\n"
	"	for p; do case $p in -*) ;; *) echo \"package $p\" >${p}_1.0_amd64.deb ;; esac; "
	"done\n"
	"	exit 0 ;;\n"
	"-s)\n"
	"	[ -s $here/lists ] || { echo 'E: Unable to locate package'; exit 100; }\n"
	"	case $* in\n"
	"	*6.1.0-8*) printf 'Inst %s (6 Debian [amd64])\\n' kmod "
	"linux-image-6.1.0-8-cloud-amd64 ;;\n"
	"	*linux-image-*) printf 'Inst %s (6 Debian [amd64])\\n' "
	"linux-image-6.1.0-9-cloud-amd64 "
	"linux-image-cloud-amd64 ;;\n"
	"	*unknown*) echo 'E: Unable to locate package unknown'; exit 100 ;;\n"
	"	*/dev/null*) printf 'Inst %s (1.0 Debian [amd64])\\n' libc6 perl-base libtool9 ;;\n"
	"	*) echo 'Inst libtool9 (1.0 Debian [amd64])' ;;\n"
	"	esac\n"
	"	echo 'Inst tool (1.0 Debian [amd64])'\n"
	"	exit 0 ;;\n"
	"esac\n"
	"exit 1\n";

static void put(const char *name, const char *text)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_addf(&path, "%s/%s", dir, name);
	assert_works(file_write_whole(buf_str(&path), text, strlen(text), &err), err);
	assert_int_equal(chmod(buf_str(&path), 0755), 0);
	buf_release(&path);
}

static void discard(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

/* How often apt was asked anything since the last call. */
static int asked(void)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err ignored;
	int lines = 0;

	buf_addf(&path, "%s/asked", dir);
	if (file_read(buf_str(&path), 1 << 20, &text, &ignored) == 0)
		for (size_t i = 0; i < text.len; i++)
			lines += text.data[i] == '\n';
	discard("asked");
	buf_release(&path);
	buf_release(&text);
	return lines;
}

static int make_apt(void **state)
{
	struct buf path = BUF_INIT, kept = BUF_INIT;
	struct err err = {0};

	(void)state;
	dir = test_dir_make();
	old_path = strdup(getenv("PATH"));
	buf_addf(&path, "%s:%s", dir, old_path);
	setenv("PATH", buf_str(&path), 1);
	buf_release(&path);
	put("apt-get", fake_get);
	put("lists", "/var/lib/apt/lists/some_Packages\n");
	put("network", "");
	buf_addf(&kept, "%s/kept", dir);
	assert_works(file_make_dirs(buf_str(&kept), &err), err);
	store = (struct package_store){.dir = buf_take(&kept), .may_download = true};
	return 0;
}

static int remove_apt(void **state)
{
	(void)state;
	setenv("PATH", old_path, 1);
	free(old_path);
	free((char *)store.dir);
	test_dir_remove(dir);
	return 0;
}

static void kernels_are_downloaded_once(void **state)
{
	struct package_store look = store;
	struct err err = {0};
	char *deb = NULL;

	(void)state;
	look.may_download = false;
	assert_fails(packages_kernel(&look, NULL, &deb, &err), err, EXIT_MACHINE,
		     "run nestbench image");
	assert_int_equal(asked(), 0);
	assert_works(packages_kernel(&store, NULL, &deb, &err), err);
	assert_non_null(strstr(deb, "/kept/linux-image-6.1.0-9-cloud-amd64_1.0_amd64.deb"));
	free(deb);
	assert_int_equal(asked(), 2);
	assert_works(packages_kernel(&look, NULL, &deb, &err), err);
	assert_int_equal(asked(), 0);
	store.refresh = true;
	free(deb);
	assert_works(packages_kernel(&store, NULL, &deb, &err), err);
	assert_int_equal(asked(), 2);
	/* What was thrown away is fetched again. */
	store.refresh = false;
	assert_int_equal(unlink(deb), 0);
	free(deb);
	assert_works(packages_kernel(&store, NULL, &deb, &err), err);
	assert_int_equal(access(deb, R_OK), 0);
	free(deb);
}

/* Two kernels side by side do not push each other out. */
static void kernels_are_found_by_name(void **state)
{
	struct package_store look = store;
	struct err err = {0};
	char *deb = NULL;

	(void)state;
	look.may_download = false;
	assert_works(packages_kernel(&store, "linux-image-6.1.0-8-cloud-amd64", &deb, &err), err);
	assert_non_null(strstr(deb, "/kept/linux-image-6.1.0-8-cloud-amd64_1.0_amd64.deb"));
	free(deb);
	assert_works(packages_kernel(&store, NULL, &deb, &err), err);
	assert_non_null(strstr(deb, "/kept/linux-image-6.1.0-9-cloud-amd64_1.0_amd64.deb"));
	free(deb);
	deb = NULL;
	asked();
	assert_works(packages_kernel(&look, "linux-image-6.1.0-8-cloud-amd64", &deb, &err), err);
	assert_int_equal(asked(), 0);
	free(deb);
	assert_fails(packages_kernel(&store, "bash", &deb, &err), err, EXIT_USAGE,
		     "cannot be the name of a kernel package");
	assert_fails(packages_kernel(&store, "linux-image-../x", &deb, &err), err, EXIT_USAGE,
		     "cannot be the name of a kernel package");
}

static void what_is_wrong_with_apt_is_said(void **state)
{
	struct names debs = {0}, installed = {0};
	struct err err = {0};
	char *deb = NULL;

	(void)state;
	discard("network");
	assert_fails(packages_kernel(&store, NULL, &deb, &err), err, EXIT_MACHINE,
		     "see that the network is up");
	assert_fails(packages_kernel(&store, NULL, &deb, &err), err, EXIT_MACHINE,
		     "could not resolve");
	put("lists", "");
	assert_fails(packages_kernel(&store, NULL, &deb, &err), err, EXIT_MACHINE,
		     "run apt-get update");
	assert_fails(packages_with(&store, "tool", &debs, &installed, &err), err, EXIT_MACHINE,
		     "run apt-get update");
	put("lists", "some");
	assert_fails(packages_with(&store, "unknown", &debs, &installed, &err), err, EXIT_USAGE,
		     "there is no package unknown");
	assert_fails(packages_with(&store, "../x", &debs, &installed, &err), err, EXIT_USAGE,
		     "cannot be the name");
	assert_fails(packages_with(&store, "-o", &debs, &installed, &err), err, EXIT_USAGE,
		     "cannot be the name");
	setenv("PATH", "/nonexistent", 1);
	assert_fails(packages_kernel(&store, NULL, &deb, &err), err, EXIT_MACHINE, "not installed");
	assert_fails(packages_kernel(&store, NULL, &deb, &err), err, EXIT_MACHINE,
		     "run --image DIR");
	assert_null(deb);
	assert_int_equal(debs.count + installed.count, 0);
}

static void a_package_brings_what_it_needs(void **state)
{
	struct names debs = {0}, installed = {0};
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_works(packages_with(&store, "tool", &debs, &installed, &err), err);
		assert_int_equal(debs.count, 2);
		assert_int_equal(names_has(&debs, debs.item[0]) && access(debs.item[0], R_OK) == 0,
				 true);
		assert_int_equal(installed.count, 1); /* without perl-base */
		assert_string_equal(installed.item[0], "libc6");
		names_release(&debs);
		names_release(&installed);
		/* Two questions and a download, then nothing: it is remembered. */
		assert_int_equal(asked(), i == 0 ? 3 : 0);
	}
}

static bool is_library(const char *package)
{
	return strncmp(package, "lib", 3) == 0;
}

static bool is_nothing(const char *package)
{
	return false;
}

static void a_part_of_a_closure_is_downloaded(void **state)
{
	struct names debs = {0};
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_works(packages_part(&store, "tool", is_library, &debs, &err), err);
		/* One of them is installed here; it is wanted all the same. */
		assert_int_equal(debs.count, 2);
		assert_non_null(strstr(debs.item[0], "/lib"));
		assert_non_null(strstr(debs.item[1], "/lib"));
		names_release(&debs);
		assert_int_equal(asked(), i == 0 ? 2 : 0);
	}
	store.may_download = false;
	assert_fails(packages_part(&store, "other", is_library, &debs, &err), err, EXIT_MACHINE,
		     "run nestbench image");
	store.may_download = true;
	assert_works(packages_part(&store, "other", is_nothing, &debs, &err), err);
	assert_int_equal(debs.count, 0);
	assert_fails(packages_part(&store, "unknown", is_library, &debs, &err), err, EXIT_USAGE,
		     "unknown");
}

static void damaged_memories_are_not_used(void **state)
{
	static const char *const bad[] = {"", "status 1 2\n", "nonsense\ndeb tool_1.0_amd64.deb\n"};
	struct names debs = {0}, installed = {0};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("kept/with-tool", bad[i]);
		assert_works(packages_with(&store, "tool", &debs, &installed, &err), err);
		assert_int_equal(debs.count, 2);
		names_release(&debs);
		names_release(&installed);
		assert_int_equal(asked(), 3);
	}
}

static void installed_packages_are_copied(void **state)
{
	struct tree t = {0};
	struct err err = {0};

	(void)state;
	assert_works(packages_add_installed(&t, "libc6", &err), err);
	assert_non_null(tree_find(&t, "usr/lib/x86_64-linux-gnu/libc.so.6"));
	assert_null(tree_find(&t, "usr/share/doc/libc6/copyright"));
	assert_fails(packages_add_installed(&t, "no-such-package", &err), err, EXIT_MACHINE,
		     "the installed package no-such-package");
	tree_release(&t);
}

static void outputs_of_apt_are_understood(void **state)
{
	struct names names = {0};

	(void)state;
	apt_parse_simulation("NOTE: only a simulation\nInst a+b [1.0] (2.0 Debian [amd64])\n"
			     "Conf a+b (2.0)\nInst libc6:i386 (2)\nInst \nInst",
			     &names);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.item[0], "a+b");
	names_release(&names);
	assert_true(package_name_valid("g++-12"));
	assert_false(package_name_valid(""));
	assert_false(package_name_valid("A"));
	assert_false(package_name_valid("a b"));
}

#define WITH_APT(test) cmocka_unit_test_setup_teardown(test, make_apt, remove_apt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_APT(kernels_are_downloaded_once),
		WITH_APT(kernels_are_found_by_name),
		WITH_APT(what_is_wrong_with_apt_is_said),
		WITH_APT(a_package_brings_what_it_needs),
		WITH_APT(a_part_of_a_closure_is_downloaded),
		WITH_APT(damaged_memories_are_not_used),
		cmocka_unit_test(installed_packages_are_copied),
		cmocka_unit_test(outputs_of_apt_are_understood),
	};

	return cmocka_run_group_tests_name("packages", tests, NULL, NULL);
}
