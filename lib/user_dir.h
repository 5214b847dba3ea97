/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where what belongs to a user lies between runs, by the XDG Base Directory Specification: below
 * $XDG_…_HOME, or its default in $HOME. A value that is not absolute is ignored, as the
 * specification says.
 */
#ifndef NB_USER_DIR_H
#define NB_USER_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "lib/buf.h"

enum user_dir { USER_CACHE, USER_CONFIG, USER_STATE };

/* Appends nestbench's own directory there, without making it; nothing where neither variable names
 * a place. */
void user_dir_add(struct buf *out, enum user_dir dir);

/* The same with `below` behind it ("/images", or ""). False: nowhere, or the path is too long. */
bool user_path(char path[PATH_MAX], enum user_dir dir, const char *below);

#endif
