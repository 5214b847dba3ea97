/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files hold, and whether they can be trusted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/config/config.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "lib/user_dir.h"

static const struct command *known;

void config_know(const struct command *table)
{
	known = table;
}

const struct command *config_known(void)
{
	return known;
}

/* Who asked for the rights of root with sudo is whom it works for. */
static bool is_ours(uid_t owner)
{
	const char *asked = getenv("SUDO_UID");
	struct err none;
	uint64_t uid;

	if (owner == 0 || owner == geteuid())
		return true;
	return geteuid() == 0 && asked &&
	       parse_u64(asked, "SUDO_UID", 0, UINT32_MAX, &uid, &none) == 0 && uid == owner;
}

static int check_owner(const char *path, const struct stat *st, struct err *err)
{
	static const char fix[] = "what it says would be done in your name: make it yours alone if "
				  "you trust it, name "
				  "it in " CONFIG_VARIABLE ", or set " CONFIG_VARIABLE "=none";

	if (!is_ours(st->st_uid))
		return err_set(err, EXIT_USAGE, "the configuration %s belongs to user %lu, and %s",
			       path, (unsigned long)st->st_uid, fix);
	if (!S_ISLNK(st->st_mode) && (st->st_mode & S_IWOTH))
		return err_set(err, EXIT_USAGE,
			       "any user can write to the configuration %s, and %s", path, fix);
	return 0;
}

/* What a descriptor, or -1 with errno, is of. */
static int check_opened(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, EXIT_USAGE, "cannot read the configuration %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EXIT_USAGE, "the configuration %s is no file", path);
	return check_owner(path, &st, err);
}

/* Also a link must be ours. NULL without an err: there is no such file. */
static FILE *open_checked(const char *path, struct err *err)
{
	struct stat st;
	FILE *file = NULL;
	int fd;

	/* A folder that lets nobody in has none for us. */
	if (lstat(path, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			err_errno(err, EXIT_USAGE, "cannot look at the configuration %s", path);
		return NULL;
	}
	if (check_owner(path, &st, err) < 0)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (check_opened(fd, path, err) == 0) {
		file = fdopen(fd, "r");
		if (!file)
			err_errno(err, EXIT_INTERNAL, "cannot read the configuration %s", path);
	}
	if (!file && fd >= 0)
		close(fd);
	return file;
}

static int read_file(struct config *c, const char *path, FILE *file, struct err *err)
{
	int done = config_parse(c, file, path, err);

	fclose(file);
	return done;
}

static int read_checked(struct config *c, const char *path, struct err *err)
{
	struct err why = {0};
	FILE *file = open_checked(path, &why);

	if (file)
		return read_file(c, path, file, err);
	if (why.text[0]) {
		*err = why;
		return -1;
	}
	/* Where one could be. */
	str_copy(c->file[c->files++].path, PATH_MAX, path);
	return 0;
}

static int read_users(struct config *c, struct err *err)
{
	struct buf path = BUF_INIT;
	int done;

	user_dir_add(&path, USER_CONFIG);
	if (path.len)
		buf_addstr(&path, "/config.ini");
	done = buf_check(&path, err);
	if (done == 0 && path.len)
		done = read_checked(c, buf_str(&path), err);
	buf_release(&path);
	return done;
}

/* Whoever names a file trusts it. */
static int read_named(struct config *c, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return err_errno(err, EXIT_USAGE, "cannot read %s, which " CONFIG_VARIABLE " names",
				 path);
	return read_file(c, path, file, err);
}

int config_read(struct config *c, const struct command *table, struct err *err)
{
	const char *named = getenv(CONFIG_VARIABLE);

	*c = (struct config){.commands = table};
	if (named && strcmp(named, "none") == 0)
		return 0;
	if (named && *named)
		return read_named(c, named, err);
	if (read_users(c, err) < 0)
		return -1;
	return read_checked(c, CONFIG_LOCAL, err);
}

void config_release(struct config *c)
{
	free(c->entry);
	*c = (struct config){0};
}
