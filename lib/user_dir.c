/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/user_dir.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *variable, *in_home;
} dirs[] = {
	[USER_CACHE] = {"XDG_CACHE_HOME", ".cache"},
	[USER_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	[USER_STATE] = {"XDG_STATE_HOME", ".local/state"},
};

void user_dir_add(struct buf *out, enum user_dir dir)
{
	const char *xdg = getenv(dirs[dir].variable), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		buf_addf(out, "%s/nestbench", xdg);
	else if (home && home[0] == '/')
		buf_addf(out, "%s/%s/nestbench", home, dirs[dir].in_home);
}

bool user_path(char path[PATH_MAX], enum user_dir dir, const char *below)
{
	struct buf base = BUF_INIT;
	bool fits;

	user_dir_add(&base, dir);
	fits = base.len && !base.failed &&
	       snprintf(path, PATH_MAX, "%s%s", buf_str(&base), below) < PATH_MAX;
	buf_release(&base);
	return fits;
}
