/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/console.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/libvirt/session.h"

struct libvirt_console {
	char *path;
	int fd;	    /* ours whichever user owns the file later */
	int notify; /* inotify */
	int watch;  /* the event loop's number for it; -1: none */
};

static void release(void *ctx)
{
	struct libvirt_console *c = ctx;

	if (c->fd >= 0)
		close(c->fd);
	if (c->notify >= 0)
		close(c->notify);
	free(c->path);
	free(c);
}

/* QEMU appends, so that it continues behind what is kept. */
static void cut(struct libvirt_console *c)
{
	char end[LIBVIRT_CONSOLE_KEEP];
	struct stat st;
	ssize_t got;

	if (fstat(c->fd, &st) < 0 || st.st_size <= LIBVIRT_CONSOLE_MAX)
		return;
	got = pread(c->fd, end, sizeof(end), st.st_size - (off_t)sizeof(end));
	/* Without its end the file is as good; longer it must not get. */
	if (ftruncate(c->fd, 0) == 0 && got > 0 && write(c->fd, end, (size_t)got) < got)
		return;
}

static void was_written(int watch, int fd, int events, void *ctx)
{
	char told[4096];

	/* What is told is always the same; and there may be nothing more to be told. */
	if (read(fd, told, sizeof(told)) > 0)
		cut(ctx);
}

static int watch_file(struct libvirt_console *c, struct err *err)
{
	c->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (c->notify < 0 || inotify_add_watch(c->notify, c->path, IN_MODIFY) < 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot watch %s, which a guest could fill the disk with "
				 "(sysctl fs.inotify.max_user_instances, max_user_watches)",
				 c->path);
	c->watch = virEventAddHandle(c->notify, VIR_EVENT_HANDLE_READABLE, was_written, c, release);
	if (c->watch < 0)
		return libvirt_err(err, EXIT_INTERNAL, "cannot watch %s", c->path);
	return 0;
}

struct libvirt_console *libvirt_console_open(const char *path, struct err *err)
{
	struct libvirt_console *c = calloc(1, sizeof(*c));

	if (!c) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	c->fd = c->notify = c->watch = -1;
	c->path = strdup(path);
	if (!c->path) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		goto failed;
	}
	c->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (c->fd < 0) {
		err_errno(err, EXIT_USAGE, "cannot create %s", path);
		goto failed;
	}
	if (watch_file(c, err) == 0)
		return c;
	unlink(path);
failed:
	release(c);
	return NULL;
}

void libvirt_console_clear(struct libvirt_console *c)
{
	if (ftruncate(c->fd, 0) < 0)
		fprintf(stderr, "nestbench: cannot empty %s: %s\n", c->path, strerror(errno));
}

/* The last bytes of what was read may be the first of the text: they are read again. */
static bool read_on(int fd, struct libvirt_console_search *s)
{
	char chunk[8192];
	size_t len = strlen(s->text);
	ssize_t got;

	while ((got = pread(fd, chunk, sizeof(chunk), (off_t)s->next)) >= (ssize_t)len) {
		if (memmem(chunk, (size_t)got, s->text, len))
			return true;
		s->next += (uint64_t)got - (len - 1);
	}
	return false;
}

bool libvirt_console_holds(struct libvirt_console_search *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool found;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size < s->next)
		s->next = 0;
	found = read_on(fd, s);
	close(fd);
	return found;
}

void libvirt_console_close(struct libvirt_console *c)
{
	if (!c)
		return;
	unlink(c->path);
	/* The event loop releases it, when it does not use it any more. */
	virEventRemoveHandle(c->watch);
}
