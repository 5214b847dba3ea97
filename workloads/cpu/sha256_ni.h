/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 by the instructions that CPUs have for it (SHA extensions), as libraries use them. The
 * order of operations follows Intel's paper "Intel SHA Extensions" (Gulley et al., 2013).
 */
#ifndef NB_SHA256_NI_H
#define NB_SHA256_NI_H

#include <stdbool.h>

#include "lib/sha256.h"

/* Does the CPU show SHA extensions, SSSE3 and SSE4.1? */
bool sha256_ni_usable(void);

sha256_compress sha256_compress_ni;

#endif
