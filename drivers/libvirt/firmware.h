/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The firmware of a VM. QEMU's default one looks for disks and cards to boot from and sets all of
 * them up before it hands over to the kernel, which does so again; qboot, which comes with QEMU,
 * only starts the kernel. In a guest of an emulated guest that is a second or more.
 */
#ifndef NB_LIBVIRT_FIRMWARE_H
#define NB_LIBVIRT_FIRMWARE_H

#define FIRMWARE_QBOOT "/usr/share/qemu/qboot.rom"

/*
 * What is to start this kernel's file in a VM with so many devices handed in: FIRMWARE_QBOOT, or
 * NULL for QEMU's default. qboot is for kernels with an entry of their own for VMs (ELF files, as
 * the image has them), and leaves to the kernel what is behind a bridge, as those devices are.
 */
const char *firmware_choose(const char *kernel, int hostdevs);

/* As a fact: "qboot", "default". */
const char *firmware_name(const char *firmware);

#endif
