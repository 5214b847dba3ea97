/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>

#include "lib/environment.h"

extern char **environ;

/* Names that match are reported or kept; malformed entries are dropped. */
static void what_stays(void **state)
{
	char *given[] = {"PATH=/bin",
			 "HWLOC_SYNTHETIC=pu:3",
			 "LD_LIBRARY_PATH=/opt/a:/opt/b",
			 "https_proxy=p",
			 "NO_PROXY=q",
			 "proxy=r",
			 "LC_ALL=de_DE.UTF-8",
			 "LD_PRELOAD=\033[2J",
			 "LD_\033=x",
			 "nonsense",
			 "=x",
			 "MINE=1",
			 NULL};
	static const char *const gone[] = {"HWLOC_SYNTHETIC", "LD_PRELOAD", "MINE", "proxy"};
	struct buf recorded = BUF_INIT, removed = BUF_INIT;

	(void)state;
	environ = given;
	umask(0777);
	environment_settle();
	assert_int_equal(umask(022), 077);
	assert_string_equal(getenv("PATH"), "/bin");
	assert_string_equal(getenv("https_proxy"), "p");
	assert_string_equal(getenv("NO_PROXY"), "q");
	assert_string_equal(getenv("LC_ALL"), "C");
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_null(getenv(gone[i]));
	for (char **v = environ; *v; v++)
		assert_null(strchr(*v, '\033'));
	environment_add_recorded(&recorded);
	environment_add_removed(&removed);
	assert_string_equal(buf_str(&recorded), "LD_LIBRARY_PATH=/opt/a:/opt/b");
	assert_string_equal(buf_str(&removed), "HWLOC_SYNTHETIC, LD_PRELOAD");
	for (size_t i = 0; i < 3; i++)
		assert_true(environment_note(i)->why[0]);
	assert_null(environment_note(3));
	buf_release(&recorded);
	buf_release(&removed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_stays)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
