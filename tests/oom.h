/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes an allocation of the program fail. A program that is linked with oom.c, as in
 * tests/bench/CMakeLists.txt, calls these in place of malloc and its relatives (the linker's
 * --wrap), in our objects and those of archives; jansson is asked to; other shared libraries are
 * left alone.
 */
#ifndef NB_TEST_OOM_H
#define NB_TEST_OOM_H

#include <stdbool.h>
#include <stdint.h>

/* Makes jansson allocate here too. Call first. */
void oom_start(void);

/* Begins to count; the nth allocation fails, and with for_ever all after it. 0: none fails. */
void oom_arm(uint64_t nth, bool for_ever);

/* Stops counting; returns the number of allocations. */
uint64_t oom_disarm(void);

/* Allocations that were not freed yet. */
int64_t oom_live(void);

#endif
