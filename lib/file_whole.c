/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/interrupt.h"

enum { LINKS_MAX = 40, NAME_KEPT = 200, TRIES = 1000 };

/* What is to be written. */
struct whole {
	const void *data;
	size_t len;
	bool private;
};

/* Whether the place was badly chosen, not the disk at fault. */
static enum exit_code blame(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EISDIR || error == EACCES ||
			       error == EPERM || error == EROFS || error == ENAMETOOLONG ||
			       error == ELOOP || error == ENXIO
		       ? EXIT_USAGE
		       : EXIT_INTERNAL;
}

static int cannot_write(const char *path, struct err *err)
{
	return err_errno(err, blame(errno), "cannot write %s", path);
}

/* How long the folder's part of a path is, with its slash. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The name at the end of a chain of symbolic links, where a file may be missing. -1 with errno. */
static int follow_links(const char *path, char to[PATH_MAX])
{
	char link[PATH_MAX];
	ssize_t len;

	errno = ENAMETOOLONG;
	if ((size_t)snprintf(to, PATH_MAX, "%s", path) >= PATH_MAX)
		return -1;
	for (int i = 0; (len = readlink(to, link, sizeof(link))) >= 0; i++) {
		size_t kept = link[0] == '/' ? 0 : folder_length(to);

		errno = i == LINKS_MAX ? ELOOP : ENAMETOOLONG;
		if (i == LINKS_MAX || kept + (size_t)len >= PATH_MAX)
			return -1;
		memcpy(to + kept, link, (size_t)len);
		to[kept + (size_t)len] = '\0';
	}
	return 0;
}

/* A file of its own for every writer. */
static int create_beside(const char *path, mode_t mode, char aside[PATH_MAX], struct err *err)
{
	size_t folder = folder_length(path);

	errno = ENAMETOOLONG;
	for (int i = 0; i < TRIES; i++) {
		int fd = -1;

		if ((size_t)snprintf(aside, PATH_MAX, "%.*s%.*s.%d-%d" FILE_ASIDE, (int)folder,
				     path, NAME_KEPT, path + folder, (int)getpid(), i) < PATH_MAX)
			fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	return cannot_write(path, err);
}

int file_beside(const char *path, char aside[PATH_MAX], struct err *err)
{
	int fd = create_beside(path, 0600, aside, err);

	return fd < 0 ? -1 : close(fd);
}

/* Not whole at every moment, but what is there stays the same file. */
static int write_in_place(const char *path, const struct whole *w, struct err *err)
{
	/* A pipe without a reader is not waited for. */
	int fd = open(path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), done;

	done = fd < 0 ? -1 : interrupt_write(fd, w->data, w->len);
	if (done < 0)
		cannot_write(path, err);
	if (fd >= 0)
		close(fd);
	return done;
}

/* Where what we print goes already: behind that. */
static int write_to_stream(FILE *stream, const char *path, const struct whole *w, struct err *err)
{
	return fwrite(w->data, 1, w->len, stream) == w->len && fflush(stream) == 0
		       ? 0
		       : cannot_write(path, err);
}

static FILE *stream_at(const struct stat *there)
{
	FILE *const streams[] = {stdout, stderr};
	struct stat st;

	for (int i = 0; i < 2; i++)
		if (fstat(STDOUT_FILENO + i, &st) == 0 && st.st_dev == there->st_dev &&
		    st.st_ino == there->st_ino)
			return streams[i];
	return NULL;
}

/* The owner and the mode of what is replaced; what is private stays so. -1 with errno. */
static int dress(int fd, const struct stat *old, bool private)
{
	if (fchown(fd, old->st_uid, old->st_gid) < 0)
		return -1;
	return private ? 0 : fchmod(fd, old->st_mode & 07777);
}

/* A reader of path sees the old content or all of the new one. */
static int replace(const char *path, const struct stat *old, const struct whole *w, struct err *err)
{
	char aside[PATH_MAX];
	int fd = create_beside(path, old || w->private ? 0600 : 0644, aside, err), done;

	if (fd < 0)
		return -1;
	if (old && dress(fd, old, w->private) < 0) {
		close(fd);
		unlink(aside);
		return write_in_place(path, w, err);
	}
	done = file_write_all(fd, w->data, w->len) < 0 || fsync(fd) < 0 ? -1 : 0;
	if (done == 0)
		done = rename(aside, path);
	if (done < 0) {
		cannot_write(path, err);
		unlink(aside);
	}
	close(fd);
	return done;
}

static int write_whole(const char *path, const struct whole *w, struct err *err)
{
	char target[PATH_MAX];
	struct stat st;
	bool there = stat(path, &st) == 0;
	FILE *stream = there && !w->private ? stream_at(&st) : NULL;

	if (stream)
		return write_to_stream(stream, path, w, err);
	if (follow_links(path, target) < 0)
		return cannot_write(path, err);
	/* Neither a device nor a pipe is replaced; nor can be a file that has lost its name. */
	if (there && (!S_ISREG(st.st_mode) || access(target, F_OK) < 0))
		return write_in_place(path, w, err);
	return replace(target, there ? &st : NULL, w, err);
}

int file_write_whole(const char *path, const void *data, size_t len, struct err *err)
{
	return write_whole(path, &(struct whole){.data = data, .len = len}, err);
}

int file_write_private(const char *path, const void *data, size_t len, struct err *err)
{
	return write_whole(path, &(struct whole){.data = data, .len = len, .private = true}, err);
}
