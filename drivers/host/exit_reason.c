/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/exit_reason.h"

#include <asm/svm.h>
#include <asm/vmx.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* Exceptions, by which <asm/svm.h> names its reasons (AMD64 Architecture Programmer's Manual,
 * volume 2, table 8-1). */
enum {
	DE_VECTOR = 0,
	DB_VECTOR = 1,
	BP_VECTOR = 3,
	OF_VECTOR = 4,
	BR_VECTOR = 5,
	UD_VECTOR = 6,
	NM_VECTOR = 7,
	DF_VECTOR = 8,
	TS_VECTOR = 10,
	NP_VECTOR = 11,
	SS_VECTOR = 12,
	GP_VECTOR = 13,
	PF_VECTOR = 14,
	MF_VECTOR = 16,
	AC_VECTOR = 17,
	MC_VECTOR = 18,
	XM_VECTOR = 19
};

struct reason {
	unsigned long number;
	const char *name;
};

static const struct reason svm_reasons[] = {SVM_EXIT_REASONS}, vmx_reasons[] = {VMX_EXIT_REASONS};

void exit_reason_name(bool svm, uint64_t number, char name[COUNT_REASON])
{
	const struct reason *r = svm ? svm_reasons : vmx_reasons;
	size_t count = svm ? sizeof(svm_reasons) / sizeof(*r) : sizeof(vmx_reasons) / sizeof(*r);

	/* Of VMX, the basic reason: flags stand in the upper half. */
	number &= svm ? UINT32_MAX : UINT16_MAX;
	for (size_t i = 0; i < count; i++)
		if ((uint32_t)r[i].number == number) {
			str_copy(name, COUNT_REASON, r[i].name);
			for (char *blank; (blank = strchr(name, ' '));)
				*blank = '_';
			return;
		}
	snprintf(name, COUNT_REASON, "reason-%" PRIu64, number);
}
