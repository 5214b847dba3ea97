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
	m = json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:s, s:I, s:b}", "driver",
		      driver->name, "options", options, "layer", spec->layer, "depth", spec->depth,
		      "below", spec->below, "sibling", spec->sibling, "siblings", spec->siblings,
		      "vcpus", spec->vcpus, "measured_vcpus", spec->measured_vcpus, "memory_bytes",
		      (json_int_t)spec->memory_bytes, "run", spec->run, "boot_limit_ns",
		      (json_int_t)spec->boot_limit_ns, "boot_limit_firm", spec->boot_limit_firm);
	if (spec->kept)
		m = json_with(m, "kept", json_string(spec->kept));
	if (m && device_request_to_json(devices, (uint32_t)spec->depth, m) == 0)
		return m;
	json_decref(m);
	return NULL;
}

static int read_options(const json_t *list, struct text_list *options, struct err *err)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > LIST_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: options is no list, or too long");
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
			   "{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:s, s:I, s:b}",
			   "driver", &name, "options", &list, "layer", &s->layer, "depth",
			   &s->depth, "below", &s->below, "sibling", &s->sibling, "siblings",
			   &s->siblings, "vcpus", &s->vcpus, "measured_vcpus", &s->measured_vcpus,
			   "memory_bytes", &memory, "run", &s->run, "boot_limit_ns", &boot_limit,
			   "boot_limit_firm", &firm) < 0)
		return err_set(err, EXIT_INTERNAL, "start_child: %s", why.text);
	if (s->layer < 0 || s->layer >= LAYERS_MAX || s->depth < 0 || s->depth > DEPTH_MAX ||
	    s->siblings < 1 || s->siblings > GUESTS_MAX || s->sibling < 0 ||
	    s->sibling >= s->siblings || s->below < 0 || s->measured_vcpus < 1 ||
	    s->measured_vcpus > s->vcpus || s->vcpus > PLACEMENT_CPUS || memory < (s->depth > 0) ||
	    boot_limit < 0 || strlen(s->run) > RUN_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: a value is out of range");
	s->memory_bytes = (uint64_t)memory;
	s->boot_limit_ns = (uint64_t)boot_limit;
	s->boot_limit_firm = firm;
	s->kept = json_string_value(json_object_get(request, "kept"));
	s->options = options;
	*driver = driver_find(name, err);
	if (!*driver || read_options(list, options, err) < 0)
		return -1;
	return device_request_from_json(request, devices, err);
}

/* A path is any bytes; NULL: there is none. */
static json_t *with_path(json_t *m, const char *key, const char *path)
{
	return path ? json_with(m, key, json_bytes(path)) : m;
}

json_t *configure_message(int layer, int depth, const struct layer_inside *in)
{
	json_t *m =
		json_pack("{s:s, s:i, s:i, s:i, s:s, s:b}", "do", "configure", "to", layer, "layer",
			  layer, "depth", depth, "net", in->net, "own_kernel", in->own_kernel);

	m = with_path(m, "work_dir", in->work_dir);
	m = with_path(m, "scratch", in->scratch);
	m = with_path(m, "kernel", in->kernel);
	m = with_path(m, "initrd", in->initrd);
	return with_path(m, "disk", in->disk);
}

/* The bytes that a member stands for take its place in the message. */
static int read_path(json_t *message, const char *key, const char **path, struct err *err)
{
	const json_t *value = json_object_get(message, key);
	char *bytes = json_bytes_value(value);
	int failed = value &&
		     (!bytes || json_object_set_new(message, key, json_string_nocheck(bytes)) < 0);

	free(bytes);
	if (failed)
		return err_set(err, EXIT_INTERNAL, "configure: %s is no path", key);
	*path = json_string_value(json_object_get(message, key));
	return 0;
}

int configure_message_read(json_t *message, int *layer, int *depth, struct layer_inside *in,
			   struct err *err)
{
	const char *net;
	json_error_t why;
	int own;

	*in = (struct layer_inside){0};
	if (json_unpack_ex(message, &why, 0, "{s:i, s:i, s:s, s:s, s:b}", "layer", layer, "depth",
			   depth, "work_dir", &in->work_dir, "net", &net, "own_kernel", &own) < 0)
		return err_set(err, EXIT_INTERNAL, "configure: %s", why.text);
	if (read_path(message, "work_dir", &in->work_dir, err) < 0 ||
	    read_path(message, "scratch", &in->scratch, err) < 0 ||
	    read_path(message, "kernel", &in->kernel, err) < 0 ||
	    read_path(message, "initrd", &in->initrd, err) < 0 ||
	    read_path(message, "disk", &in->disk, err) < 0)
		return -1;
	if (*layer < 0 || *layer > LAYER_RELAY || *depth < 0 || *depth > DEPTH_MAX ||
	    strlen(net) >= sizeof(in->net))
		return err_set(err, EXIT_INTERNAL, "configure: a value is out of range");
	str_copy(in->net, sizeof(in->net), net);
	in->own_kernel = own;
	return 0;
}
