/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the start of a layer in a VM leaves for the next such start (layer->keep): a VM keeps
 * nothing beyond its life, so that it is kept here, in a file beside the guest image, for the same
 * image, the same kind of layer and a parent layer that says the same of its CPU and its kernel. It
 * comes from a guest and only ever goes back to one; here it is text, and nothing looks into it. A
 * file that was changed or cut off is none, and one that a start failed with is removed.
 */
#ifndef NB_KEPT_H
#define NB_KEPT_H

#include "bench/session/session_parts.h"

struct kept {
	char path[PATH_MAX]; /* "": nothing is kept of this layer */
	char *text;	     /* for spec.kept */
};

/* What is there for the start of `layer`. */
void kept_find(const struct session *s, uint32_t layer, struct kept *k);

/* The layer is up, and its parent layer says this for the next start; NULL: nothing. */
void kept_take(const struct kept *k, const char *keep);

/* It did not come up. Whether it was handed something, which is removed: another start may go
 * better. */
bool kept_drop(const struct kept *k, const struct err *why);

void kept_release(struct kept *k);

#endif
