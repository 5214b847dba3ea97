/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI devices that are assigned to L1 through VFIO. Everything that can be wrong is checked before
 * a VM is started; the VM's driver then takes the device from its own and gives it back
 * (managed='yes'), and hostdev_restore() checks afterwards that it did, or does it.
 *
 * The devices to give back are also noted in a file, for the clean-up after the driver, the agent
 * and its reaper were all killed. Tried with emulated network cards behind an emulated VT-d.
 *
 * root is put in front of /sys, /proc, /dev and /lib: "" for this machine; tests have their own
 * tree.
 */
#ifndef NB_HOSTDEV_H
#define NB_HOSTDEV_H

#include <stdbool.h>

#include "drivers/driver.h"
#include "lib/err.h"

/* Converts "0000:01:00.0", or the short "01:00.0", to the long form in lower case. */
int hostdev_parse(const char *text, char address[PCI_ADDRESS], struct err *err);

/*
 * Checks whether these devices can be assigned. Refused with EXIT_MACHINE, a reason and a remedy: a
 * device that does not exist, has no IOMMU group, is a bridge, shows the boot display, carries a
 * mounted or used disk or the default route; one whose group has further devices in use that are
 * not assigned too; a machine without vfio-pci; as an ordinary user a device that is not yet bound
 * to vfio-pci with /dev/vfio/GROUP open to them.
 */
int hostdev_check(const char *root, const char (*address)[PCI_ADDRESS], int count, bool privileged,
		  struct err *err);

/* The driver that a device had. */
struct hostdev_state {
	char address[PCI_ADDRESS];
	char driver[64];   /* "": none */
	char override[64]; /* its driver_override; "": none */
};

void hostdev_save(const char *root, const char *address, struct hostdev_state *state);

/* Gives the device back to its driver if needed. The err says what to do by hand. */
int hostdev_restore(const char *root, const struct hostdev_state *state, struct err *err);

/* Where the states are noted, in the work directory of the agent that assigns devices. */
#define HOSTDEV_NOTE "hostdev.lent"

/* One line a device. */
int hostdev_note(const char *path, const struct hostdev_state *state, int count, struct err *err);

/* Reads the states and returns their number; 0: there is no such file. */
int hostdev_read_note(const char *path, struct hostdev_state state[HOSTDEV_MAX], struct err *err);

/* The number of IOMMU groups of the machine; 0: no device can be assigned. */
int hostdev_count_groups(const char *root);

#endif
