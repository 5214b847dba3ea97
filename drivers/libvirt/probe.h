/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The probe boot of struct libvirt_ops; see there.
 */
#ifndef NB_LIBVIRT_PROBE_H
#define NB_LIBVIRT_PROBE_H

#include "drivers/libvirt/ops.h"

int libvirt_probe_run(const struct libvirt_probe *probe, struct libvirt_probe_result *result,
		      struct err *err);

#endif
