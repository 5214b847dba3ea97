/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries to apt; all of them work without root. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/str.h"

#define ASK_LIMIT (120 * NS_PER_S)
#define DOWNLOAD_LIMIT (900 * NS_PER_S)

bool package_name_valid(const char *name)
{
	if (!isalnum((unsigned char)name[0]) || !name[1] || strlen(name) > 100)
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == strlen(name);
}

/* Inst fio (3.33-3 Debian:12.1/oldstable [amd64]) */
void apt_parse_simulation(const char *text, struct names *out)
{
	char name[128];

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "Inst ", 5) == 0 && sscanf(line + 5, "%127[^ \n]", name) == 1 &&
		    package_name_valid(name))
			names_add(out, name);
	}
}

/* Packages that only maintainer scripts need, which are not run here, and those that busybox
 * replaces. */
bool package_is_maintenance(const char *name)
{
	static const char *const starts[] = {"adduser",
					     "debconf",
					     "dpkg",
					     "init-system-helpers",
					     "libfile-find-rule-perl",
					     "libnumber-compare-perl",
					     "libtext-glob-perl",
					     "perl",
					     "tar",
					     "ucf",
					     "udev",
					     "dmsetup",
					     "usrmerge",
					     "gcc-12-base"};

	for (size_t i = 0; i < COUNT(starts); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static int ask(const char *const argv[], struct buf *out, struct err *err)
{
	int result = child_run(argv, NULL, NULL, ASK_LIMIT, out, err);

	if (result < 0 && err->code == EXIT_MACHINE)
		err_context(err, "packages come from apt; elsewhere than on Debian take a kernel's "
				 "files (--kernel VMLINUZ:MODULES-DIR) or an image that was made "
				 "there (run --image DIR)");
	return result;
}

/* Turns a failed query to apt into a message that says what to do. */
static int cannot_find(const char *package, struct err *err)
{
	static const char *const argv[] = {"apt-get",	  "indextargets",	  "--format",
					   "$(FILENAME)", "Created-By: Packages", NULL};
	struct buf lists = BUF_INIT;

	/* Also fails when apt is not installed, or when the user interrupts. */
	if (err->code == EXIT_INTERNAL && ask(argv, &lists, err) == 0) {
		if (lists.len == 0)
			err_set(err, EXIT_MACHINE,
				"the package %s cannot be looked up, because this machine has no "
				"package lists: run apt-get update",
				package);
		else
			err_set(err, EXIT_USAGE,
				"there is no package %s in this machine's package lists "
				"(apt-get update renews them)",
				package);
	}
	buf_release(&lists);
	return -1;
}

int apt_download(const struct package_store *s, const char *dir, const struct names *packages,
		 struct err *err)
{
	const char **argv = calloc(packages->count + 6, sizeof(*argv));
	struct buf out = BUF_INIT;
	char line[160] = "";
	size_t n = 0;
	int result;

	if (!argv)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	argv[n++] = "apt-get";
	argv[n++] = "download";
	argv[n++] = "-q";
	/* As root apt would change to a user who often cannot write here, and warn. */
	argv[n++] = "-oAPT::Sandbox::User=root";
	for (size_t i = 0; i < packages->count; i++)
		argv[n++] = packages->item[i];
	str_addf(line, sizeof(line), "downloading %s", packages->item[0]);
	if (packages->count > 1)
		str_addf(line, sizeof(line), " and %zu more packages", packages->count - 1);
	if (s->say)
		s->say(s->say_ctx, line);
	result = child_run(argv, dir, NULL, DOWNLOAD_LIMIT, &out, err);
	if (result < 0 && err->code == EXIT_INTERNAL) {
		err->code = EXIT_MACHINE;
		err_context(
			err,
			"cannot download %s; see that the network is up and the package lists are "
			"fresh (apt-get update)",
			packages->item[0]);
	}
	buf_release(&out);
	free(argv);
	return result;
}

int apt_closure(const char *name, bool nothing_installed, struct names *out, struct err *err)
{
	/*
	 * A simulation needs no root. (--print-uris would leave out packages in apt's own cache.)
	 * Without a status file nothing is installed, so apt lists everything that is needed.
	 */
	const char *const argv[] = {"env",
				    "LC_ALL=C",
				    "apt-get",
				    "-s",
				    "-qq",
				    "--no-install-recommends",
				    "-oDir::Cache::pkgcache=",
				    "-oDir::Cache::srcpkgcache=",
				    "install",
				    name,
				    nothing_installed ? "-oDir::State::status=/dev/null" : NULL,
				    NULL};
	struct buf text = BUF_INIT;
	int result = ask(argv, &text, err);

	if (result < 0)
		result = cannot_find(name, err);
	if (result == 0)
		apt_parse_simulation(buf_str(&text), out);
	buf_release(&text);
	if (result == 0 && out->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	return result;
}

int apt_kernel_package(const char *meta, struct names *out, struct err *err)
{
	static const char prefix[] = "linux-image-";
	struct names all = {0};
	int result = apt_closure(meta, true, &all, err);

	/* The name of a real kernel package holds its release, "linux-image-6.1.0-…". */
	for (size_t i = 0; i < all.count && !out->count; i++)
		if (strncmp(all.item[i], prefix, sizeof(prefix) - 1) == 0 &&
		    strchr(all.item[i], '.'))
			names_add(out, all.item[i]);
	names_release(&all);
	if (result == 0 && !out->count)
		result = err_set(err, EXIT_MACHINE,
				 "the package %s depends on no kernel: run apt-get update", meta);
	return result;
}
