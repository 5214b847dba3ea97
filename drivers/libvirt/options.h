/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be said of a layer of kind kvm beside what all layers have. */
#ifndef NB_KVM_OPTIONS_H
#define NB_KVM_OPTIONS_H

#include "drivers/driver.h"

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

extern const char *const accel_names[]; /* by their numbers; NULL ends it */
const char *accel_name(enum accel a);	/* "auto", "kvm", "tcg"; NULL for a number that is none */
int accel_parse(const char *text, enum accel *out, struct err *err);

struct kvm_options {
	const char *accel_text;
	enum accel accel;
	const char *uri;      /* libvirt URI; NULL: the embedded QEMU driver */
	const char *emulator; /* absolute path of the QEMU that runs the layer; NULL: libvirt's */
};

extern const struct option kvm_option_table[];

/* Reads and checks the options of a spec. The texts are the spec's. EXIT_USAGE. */
int kvm_options_read(const struct layer_spec *spec, struct kvm_options *o, struct err *err);

#endif
