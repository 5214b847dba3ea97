/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/layer_message.h"

#include <string.h>

#include "bench/link/channel.h"
#include "bench/plan/profile.h"
#include "lib/json.h"
#include "lib/str.h"

enum { RUN_MAX = 47 };

json_t *start_message(const struct driver *driver, const struct layer_spec *spec,
		      const struct device_request *devices)
{
	json_t *options = json_array(), *m;

	for (size_t i = 0; spec->options && i < spec->options->count; i++)
		options = json_and(options, json_string(spec->options->item[i]));
	m = json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:s, s:I, s:b}", "driver",
		      driver->name, "options", options, "depth", spec->depth, "below", spec->below,
		      "sibling", spec->sibling, "siblings", spec->siblings, "vcpus", spec->vcpus,
		      "measured_vcpus", spec->measured_vcpus, "memory_bytes",
		      (json_int_t)spec->memory_bytes, "run", spec->run, "boot_limit_ns",
		      (json_int_t)spec->boot_limit_ns, "boot_limit_firm", spec->boot_limit_firm);
	if (m && device_request_to_json(devices, (uint32_t)spec->depth, m) == 0)
		return m;
	json_decref(m);
	return NULL;
}

static int read_options(const json_t *list, struct text_list *options, struct err *err)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list) > LIST_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: too many options");
	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			return err_set(err, EXIT_INTERNAL, "start_child: an option is no text");
		options->item[options->count++] = json_string_value(item);
	}
	return 0;
}

int start_message_read(const json_t *request, const struct driver **driver, struct layer_spec *s,
		       struct text_list *options, struct device_request *devices, struct err *err)
{
	json_int_t memory, boot_limit;
	const json_t *list;
	const char *name;
	json_error_t why;
	int firm;

	if (json_unpack_ex((json_t *)request, &why, 0,
			   "{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:s, s:I, s:b}", "driver",
			   &name, "options", &list, "depth", &s->depth, "below", &s->below,
			   "sibling", &s->sibling, "siblings", &s->siblings, "vcpus", &s->vcpus,
			   "measured_vcpus", &s->measured_vcpus, "memory_bytes", &memory, "run",
			   &s->run, "boot_limit_ns", &boot_limit, "boot_limit_firm", &firm) < 0)
		return err_set(err, EXIT_INTERNAL, "start_child: %s", why.text);
	if (s->depth > DEPTH_MAX || s->siblings < 1 || s->siblings > GUESTS_MAX || s->sibling < 0 ||
	    s->sibling >= s->siblings || s->vcpus < 1 || s->measured_vcpus < 1 ||
	    s->measured_vcpus > s->vcpus || memory < 1 || boot_limit < 0 ||
	    strlen(s->run) > RUN_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: a value is out of range");
	s->memory_bytes = (uint64_t)memory;
	s->boot_limit_ns = (uint64_t)boot_limit;
	s->boot_limit_firm = firm;
	s->options = options;
	*driver = driver_find(name, err);
	if (!*driver || read_options(list, options, err) < 0)
		return -1;
	return device_request_from_json(request, devices, err);
}

json_t *configure_message(int depth, const struct layer_inside *in)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:s*, s:s*, s:s*, s:s*, s:s, s:b}", "do",
			 "configure", "to", depth, "depth", depth, "work_dir", in->work_dir,
			 "scratch", in->scratch, "kernel", in->kernel, "initrd", in->initrd, "disk",
			 in->disk, "net", in->net, "own_kernel", in->own_kernel);
}

int configure_message_read(const json_t *message, int *depth, struct layer_inside *in,
			   struct err *err)
{
	const char *net;
	json_error_t why;
	int own;

	*in = (struct layer_inside){0};
	if (json_unpack_ex((json_t *)message, &why, 0, "{s:i, s:s, s?s, s?s, s?s, s?s, s:s, s:b}",
			   "depth", depth, "work_dir", &in->work_dir, "scratch", &in->scratch,
			   "kernel", &in->kernel, "initrd", &in->initrd, "disk", &in->disk, "net",
			   &net, "own_kernel", &own) < 0)
		return err_set(err, EXIT_INTERNAL, "configure: %s", why.text);
	if (*depth < 0 || *depth > DEPTH_MAX || strlen(net) >= sizeof(in->net))
		return err_set(err, EXIT_INTERNAL, "configure: a value is out of range");
	str_copy(in->net, sizeof(in->net), net);
	in->own_kernel = own;
	return 0;
}
