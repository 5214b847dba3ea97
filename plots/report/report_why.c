/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why each kind of work costs what it costs: for students, and for who has to explain a bill. */
#include "plots/report/report_parts.h"

#include <string.h>

static const struct {
	const char *class, *hardware, *emulated;
} whys[] = {
	{"control",
	 "The floor of the measuring itself, and the price of reading the clock. Not part of the "
	 "claim: these rows say how far the others can be trusted.",
	 "A layer without a fast clock source (hpet in place of tsc) shows here."},
	{"cpu",
	 "Plain instructions run on the CPU itself at any depth: no layer sees them. What they "
	 "lose goes to timer interrupts and to page walks, a few per cent at most. A system call "
	 "stays inside its layer, too.",
	 "Here QEMU translated every instruction, so that plain work pays as well, floating point "
	 "the most."},
	{"exit",
	 "Some instructions must be handed to the hypervisor: an exit. An exit of L2 goes to L0 "
	 "first, which hands it to L1; while L1 serves it, its own accesses to the state of L2 "
	 "exit again. One exit becomes many, and the published figures are 10 to 25 times the cost "
	 "with every layer.",
	 "An emulated CPU does not exit: QEMU serves CPUID in place, which can be cheaper than in "
	 "a VM on hardware. The real exits begin one layer deeper."},
	{"mem",
	 "An address in a VM is translated twice (two-dimensional page walk: up to 24 accesses in "
	 "place of 4). The walk of L2 is as long as that of L1, because L0 folds the tables of L1 "
	 "into its own; but the first touch of a page can fault in every layer, one after the "
	 "other.",
	 "Here QEMU looks up each page in software; its cache of translations is small, so that "
	 "large working sets pay twice."},
	{"io",
	 "A request passes a device that each layer makes up for the one below: the notification "
	 "is an exit, the completion an interrupt, and each layer has a queue and a thread to "
	 "wake. Few large requests lose little, many small ones and each flush lose a lot.",
	 "Here the device, the interrupt and the code of both kernels were emulated, too."},
	{"net",
	 "As for disks: each packet passes a device of every layer, with its notification, its "
	 "interrupt and the bridge between. Small packets lose the most.",
	 "Here the device, the interrupt and the code of both kernels were emulated, too."},
	{"gpu",
	 "Work on a device is as fast in a VM as outside when it is passed through; what costs is "
	 "to get the data there and to be told that it is done.",
	 "Here the copies and the stand-in device ran on an emulated CPU."},
	{"app",
	 "Whole programs mix all of the above: how much they lose depends on how often they exit, "
	 "fault and wait for a device.",
	 "Here every instruction of the program was translated by QEMU."},
	{"capacity",
	 "What each layer keeps for itself (its kernel, QEMU, page tables) is gone for the layers "
	 "below. Where every layer is given a size, this is that size and no loss.",
	 ""},
};

const char *report_why(const char *class, bool emulated)
{
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
		if (strcmp(whys[i].class, class) == 0)
			return emulated ? whys[i].emulated : whys[i].hardware;
	return "";
}
