/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a CPU left a VM, by the names that the kernel has for it: <asm/svm.h> and <asm/vmx.h>. */
#ifndef NB_EXIT_REASON_H
#define NB_EXIT_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/counts.h"

/* The name of an exit reason, "PF_excp" without its blank; of one without a name, its number. svm:
 * AMD's; else Intel's. */
void exit_reason_name(bool svm, uint64_t number, char name[COUNT_REASON]);

#endif
