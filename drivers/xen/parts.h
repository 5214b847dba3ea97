/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the kinds pv, pvh and hvm; only drivers/xen includes this. */
#ifndef NB_XEN_PARTS_H
#define NB_XEN_PARTS_H

#include "drivers/driver.h"

extern const struct driver driver_xen;

/* ---- config.c ---- */

enum domu_type { DOMU_PV, DOMU_PVH };

/*
 * The configuration of a domain as xl.cfg(5) has it, which the caller frees; pin: as the spec
 * places it. EXIT_USAGE: a path holds what cannot be written there. NULL on failure.
 */
char *domu_config(const struct layer_spec *spec, enum domu_type type, const char *name, bool pin,
		  struct err *err);

/* ---- dom0.c: the machine, or layer, that starts the domains ---- */

/* Whether this is a dom0; where it is the suite's own and nothing runs yet that starts domains,
 * that is started, and lives until the layer ends. EXIT_MACHINE. */
int dom0_prepare(struct err *err);

/* Whether the running kernel is that of a dom0, with what starts domains. */
bool dom0_is_here(void);

/* Whether that is a layer of the suite's: its vCPU n then stays on the CPU n (xen.c). */
bool dom0_is_ours(void);

/* Xen's version, "4.17.5"; "" unknown. */
void dom0_version(char *text, size_t size);

/* Runs xl with these arguments, NULL-terminated, and appends what it prints. */
int dom0_xl(const char *const argv[], struct buf *out, struct err *err);

/* The device of a domain's console. */
int dom0_console(const char *domain, char *path, size_t size, struct err *err);

/* ---- clock.c ---- */

/* Adds to the fact `warning` what is known of clocks in a layer with so many vCPUs, whose CPU is
 * emulated. */
void clock_warn(struct layer *layer, int vcpus);

/* ---- count.c: what a domain makes Xen do ---- */

struct xen_counter;

/* Its files are in work_dir. NULL: no memory. */
struct xen_counter *xen_counter_make(const char *work_dir);

/* As driver->count, of the domain of this name. A trace ends by itself 20 s after a reading: what
 * is read later has one more of the counter "cut_off". */
void xen_counter_read(struct xen_counter *c, const char *name, enum counting how,
		      struct counts *out);

/* Ends what was begun; NULL is fine. */
void xen_counter_release(struct xen_counter *c);

/* ---- doctor.c: members of the drivers ---- */

void domu_probe(const struct driver_probe *p);
void pv_require(const struct driver_probe *p, const struct layer_spec *spec);
void pvh_require(const struct driver_probe *p, const struct layer_spec *spec);
void xen_require(const struct driver_probe *p, const struct layer_spec *spec);

#endif
