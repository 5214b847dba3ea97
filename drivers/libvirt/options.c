/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/options.h"

#include <stddef.h>

#include "lib/nearest.h"

#define AT(member) offsetof(struct kvm_options, member)

const char *const accel_names[] = {
	[ACCEL_AUTO] = "auto", [ACCEL_KVM] = "kvm", [ACCEL_TCG] = "tcg", NULL};

const struct option kvm_option_table[] = {
	{"accel", OPT_TEXT, AT(accel_text), "NAME", "auto", 0, 0, "auto, kvm or tcg",
	 .choices = accel_names},
	{"uri", OPT_TEXT, AT(uri), "URI", NULL, 0, 0,
	 "of a libvirt (default: the embedded driver)"},
	{"emulator", OPT_TEXT, AT(emulator), "PATH", NULL, 0, 0, "the QEMU that runs the layer",
	 .value = VALUE_FILE},
	{0},
};

const char *accel_name(enum accel a)
{
	return (unsigned)a < sizeof(accel_names) / sizeof(accel_names[0]) ? accel_names[a] : NULL;
}

int accel_parse(const char *text, enum accel *out, struct err *err)
{
	int i = choice_find("accel", text, accel_names, err);

	if (i >= 0)
		*out = (enum accel)i;
	return i < 0 ? -1 : 0;
}

int kvm_options_read(const struct layer_spec *spec, struct kvm_options *o, struct err *err)
{
	*o = (struct kvm_options){0};
	if (options_set(kvm_option_table, spec->options, o, err) < 0 ||
	    accel_parse(o->accel_text, &o->accel, err) < 0)
		return -1;
	return 0;
}
