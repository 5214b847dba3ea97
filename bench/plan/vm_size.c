/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/vm_size.h"

#include <string.h>

#include "lib/nearest.h"
#include "lib/parse.h"

const char *const mode_names[] = {[MODE_SHAPE] = "shape", [MODE_SHARE] = "share", NULL};

const char *mode_name(enum mode m)
{
	return mode_names[m];
}

int mode_parse(const char *text, enum mode *out, struct err *err)
{
	int i = choice_find("--mode", text, mode_names, err);

	if (i >= 0)
		*out = (enum mode)i;
	return i < 0 ? -1 : 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* How many layers are nested in it, beside one another too. */
static uint32_t nested_in(const struct vm_size_config *c, uint32_t layer)
{
	uint32_t count = 0;

	if (!c->tree)
		return c->depth - layer;
	for (uint32_t i = layer + 1; i < c->tree->count; i++)
		count += layer_tree_is_in(c->tree, i, layer);
	return count;
}

static void same_size(const struct vm_size_config *c, uint32_t layer, struct vm_size *out)
{
	uint32_t hosts = nested_in(c, layer);
	/* Siblings beyond what the machine has would only wait for one another. */
	uint32_t planned =
		hosts ? least(c->vcpus * c->guests, most(c->host_cpus, c->vcpus)) : c->vcpus;

	out->measured = c->vcpus;
	out->planned = planned;
	out->vcpus = planned + (hosts && c->host_cpus > planned);
	out->memory_bytes = c->memory_bytes;
	if (hosts)
		out->memory_bytes = c->memory_bytes * c->guests +
				    hosts * (c->memory_bytes + VM_ROOM_BYTES) +
				    (c->guests - 1) * VM_GUEST_BYTES;
}

/* What a layer passes on to its child layer, of vcpus and memory that it has itself. */
static void pass_on(const struct vm_size_config *c, uint32_t layer, struct vm_size *s)
{
	uint32_t guests = layer + 1 == c->depth ? c->guests : 1;
	uint64_t kept = c->keep_bytes + (guests - 1) * VM_GUEST_BYTES;

	s->vcpus = s->vcpus > c->keep_vcpus ? (s->vcpus - c->keep_vcpus) / guests : 0;
	/* A guest needs a CPU, though it be one that siblings use too. */
	s->vcpus = most(s->vcpus, s->vcpus == 0 && c->keep_vcpus == 0);
	/* What L0 passes on was asked for; it is not known what it has itself. */
	if (layer)
		s->memory_bytes = s->memory_bytes > kept ? (s->memory_bytes - kept) / guests : 0;
	s->memory_bytes = s->memory_bytes >> 20 << 20;
}

static int share(const struct vm_size_config *c, uint32_t layer, struct vm_size *out,
		 struct err *err)
{
	char keep[SIZE_TEXT], has[SIZE_TEXT];

	*out = (struct vm_size){.vcpus = c->host_cpus, .memory_bytes = c->memory_bytes};
	for (uint32_t k = 0; k < layer; k++)
		pass_on(c, k, out);
	if (out->vcpus == 0)
		return err_set(err, EXIT_MACHINE,
			       "no CPU is left for L%u when every outer layer keeps %u of %u",
			       layer, c->keep_vcpus, c->host_cpus);
	if (layer && out->memory_bytes < VM_LEAST_BYTES)
		return err_set(
			err, EXIT_MACHINE,
			"%s of memory are left for L%u when every outer layer keeps %s: that "
			"is too little to boot",
			format_size_short(out->memory_bytes, has), layer,
			format_size(c->keep_bytes, keep));
	out->measured = out->planned = out->vcpus;
	return 0;
}

int vm_size_of(const struct vm_size_config *c, uint32_t layer, struct vm_size *out, struct err *err)
{
	if (c->mode == MODE_SHARE) {
		if (share(c, layer, out, err) < 0)
			return -1;
	} else {
		same_size(c, layer, out);
	}
	if (layer == 0) {
		out->vcpus = c->host_cpus;
		out->memory_bytes = 0;
	}
	return 0;
}
