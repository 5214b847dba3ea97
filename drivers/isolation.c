/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from driver.c because drivers that are modules tell of their layers as well. */
#include "drivers/driver.h"

const char *isolation_name(enum isolation i)
{
	static const char *const names[] = {[ISOLATION_NONE] = "none",
					    [ISOLATION_CONTAINER] = "container",
					    [ISOLATION_PARAVIRTUAL] = "paravirtual",
					    [ISOLATION_FULL] = "full"};

	return names[i];
}

void layer_tell_kind(struct layer *layer, const char *emulated)
{
	facts_set(&layer->facts, "kind", "%s", layer->driver->name);
	facts_set(&layer->facts, "isolation", "%s", isolation_name(layer->driver->isolation));
	if (emulated)
		facts_set(&layer->facts, "emulated", "%s", emulated);
}
