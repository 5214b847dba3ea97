/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_CONTAINER_LXC_XML_H
#define NB_CONTAINER_LXC_XML_H

#include <stdint.h>

#include "drivers/container/view.h"
#include "lib/err.h"

struct lxc_config {
	const char *name;
	const char *cpus; /* "1,0"; "" for all */
	int vcpus;
	uint64_t memory_bytes;
	const char *root; /* an empty directory that becomes the container's "/" */
	const struct view *view;
	const char *log; /* for what the agent says on stderr; as the container sees it */
};

/*
 * The domain, whose first process is the agent with its stream on descriptor 3. The directories and
 * links of "/" are made in c->root. The caller frees it; NULL: see err.
 */
char *lxc_xml(const struct lxc_config *c, struct err *err);

#endif
