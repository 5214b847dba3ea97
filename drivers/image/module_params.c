/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of the guests' kernel modules, as lines of modprobe.d(5). */
#include <string.h>

#include "drivers/image/parts.h"

static const char name_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

enum { PARAM_MAX = 200 };

static bool is_value(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || strchr("\"'\\#", *text))
			return false;
	return true;
}

/* The lengths of its three parts; 0: it has another form. */
struct parts {
	size_t module, name;
};

static struct parts parts_of(const char *text)
{
	struct parts p = {.module = strspn(text, name_letters)};
	size_t name;

	/* A module's file may be named with dashes. */
	while (text[p.module] == '-')
		p.module += 1 + strspn(text + p.module + 1, name_letters);
	if (p.module == 0 || text[p.module] != '.' || strlen(text) > PARAM_MAX)
		return (struct parts){0};
	name = strspn(text + p.module + 1, name_letters);
	if (name == 0 || text[p.module + 1 + name] != '=' || !text[p.module + 2 + name] ||
	    !is_value(text + p.module + 2 + name))
		return (struct parts){0};
	p.name = name;
	return p;
}

int image_module_params_check(const char *const *params, struct err *err)
{
	for (size_t i = 0; params && params[i]; i++) {
		struct parts p = parts_of(params[i]);

		if (p.name == 0)
			return err_set(err, EXIT_USAGE,
				       "--module-param: \"%.64s\" is not MODULE.PARAMETER=VALUE, "
				       "such as kvm_amd.npt=0",
				       params[i]);
		for (size_t k = 0; k < i; k++)
			if (strncmp(params[i], params[k], p.module + 1 + p.name + 1) == 0)
				return err_set(err, EXIT_USAGE, "--module-param: %.*s is set twice",
					       (int)(p.module + 1 + p.name), params[i]);
	}
	return 0;
}

/* The kernel writes the names of modules with underscores. */
void module_params_text(const char *const *params, struct buf *out)
{
	for (; params && *params; params++) {
		struct parts p = parts_of(*params);

		buf_addstr(out, "options ");
		for (size_t i = 0; i < p.module; i++)
			buf_addstr(out, (*params)[i] == '-' ? "_" : (char[]){(*params)[i], '\0'});
		buf_addf(out, " %s\n", *params + p.module + 1);
	}
}

/* Every parameter of a module leaves "parmtype=NAME:TYPE" in it. */
static bool has_parameter(const struct module *module, const char *name, size_t len)
{
	static const char key[] = "\0parmtype=";
	const char *at = module->data.data, *end = at + module->data.len;

	while ((at = memmem(at, (size_t)(end - at), key, sizeof(key) - 1))) {
		at += sizeof(key) - 1;
		if ((size_t)(end - at) > len && memcmp(at, name, len) == 0 && at[len] == ':')
			return true;
	}
	return false;
}

int module_params_fit(const struct modules *m, const struct module_list *all,
		      const char *const *params, struct err *err)
{
	for (; params && *params; params++) {
		struct parts p = parts_of(*params);
		const struct module *module = NULL;

		for (size_t i = 0; i < all->count && !module; i++)
			if (module_is(all->item[i]->path, *params, p.module))
				module = all->item[i];
		if (!module)
			return err_set(err, EXIT_USAGE,
				       "--module-param %s: the guests do not have a module %.*s of "
				       "the kernel %s",
				       *params, (int)p.module, *params, m->release);
		if (!has_parameter(module, *params + p.module + 1, p.name))
			return err_set(err, EXIT_USAGE,
				       "--module-param %s: the module %.*s of the kernel %s has no "
				       "parameter %.*s (see modinfo)",
				       *params, (int)p.module, *params, m->release, (int)p.name,
				       *params + p.module + 1);
	}
	return 0;
}
