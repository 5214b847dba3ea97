/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/image_watch.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

void image_watch_begin(struct image_watch *w, const char *kernel, const char *initrd,
		       const char *disk)
{
	const char *const path[IMAGE_FILES] = {kernel, initrd, disk};

	for (int i = 0; i < IMAGE_FILES; i++) {
		int fd = path[i] ? open(path[i], O_RDONLY | O_CLOEXEC) : -1;

		w->file[i].path = path[i];
		w->file[i].fd = fd;
		if (fd >= 0 && fstat(fd, &w->file[i].was) < 0) {
			close(fd);
			w->file[i].fd = -1;
		}
	}
}

void image_watch_end(struct image_watch *w)
{
	for (int i = 0; i < IMAGE_FILES; i++)
		if (w->file[i].fd >= 0)
			close(w->file[i].fd);
	*w = (struct image_watch)IMAGE_WATCH_NONE;
}

static bool is_written(const struct stat *was, const struct stat *is)
{
	return was->st_size != is->st_size || was->st_mtim.tv_sec != is->st_mtim.tv_sec ||
	       was->st_mtim.tv_nsec != is->st_mtim.tv_nsec;
}

int image_watch_unwritten(const struct image_watch *w, struct err *err)
{
	struct stat is;

	for (int i = 0; i < IMAGE_FILES; i++) {
		if (w->file[i].fd < 0)
			continue;
		if (fstat(w->file[i].fd, &is) < 0)
			return err_errno(err, EXIT_MACHINE, "cannot look at the guest image %s",
					 w->file[i].path);
		if (is_written(&w->file[i].was, &is))
			return err_set(err, EXIT_MACHINE,
				       "the guest image was written to since the run began: %s",
				       w->file[i].path);
	}
	return 0;
}

int image_watch_same(const struct image_watch *w, struct err *err)
{
	struct stat is;

	for (int i = 0; i < IMAGE_FILES; i++) {
		const struct stat *was = &w->file[i].was;

		if (w->file[i].fd < 0)
			continue;
		if (stat(w->file[i].path, &is) < 0)
			return err_errno(err, EXIT_MACHINE,
					 "the guest image was there when the run began: %s",
					 w->file[i].path);
		if (is.st_dev != was->st_dev || is.st_ino != was->st_ino)
			return err_set(err, EXIT_MACHINE,
				       "the guest image was replaced since the run began: %s",
				       w->file[i].path);
	}
	return image_watch_unwritten(w, err);
}
