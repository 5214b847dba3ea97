/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The member probe of driver_kvm: the CPU's part, libvirt and QEMU, and boots that prove it. */
#ifndef NB_KVM_DOCTOR_H
#define NB_KVM_DOCTOR_H

#include "drivers/driver.h"

void kvm_doctor(const struct driver_probe *p);

#endif
