/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libvirt's cache of what it found out about QEMU, one file for each emulator, which takes seconds
 * to find out again. libvirt itself checks whether an entry still fits this QEMU, kernel and CPU.
 *
 * Between runs it is kept in $XDG_CACHE_HOME/nestbench/libvirt (else ~/.cache/…; nowhere without
 * HOME). A root gets copies of what is kept there; what libvirt found out anew, where they do
 * not fit, is kept when the root is removed, each file at once and whole.
 *
 * A guest keeps nothing beyond its life: what its libvirt found out goes up and comes back as a
 * text (layer->keep): the name of the file, a newline, the file. What comes down was in a guest's
 * hands: it is looked at before libvirt gets it, in a guest again.
 */
#ifndef NB_CAPS_CACHE_H
#define NB_CAPS_CACHE_H

#include <stdbool.h>

/* Copies what is kept into the root of a driver, or keeps what is new there. */
void caps_cache_fill(const char *root);
void caps_cache_keep(const char *root);

/* Keeps what came as a text; what is none is dropped. */
void caps_cache_add(const char *kept);

/* Whether the driver uses what was kept about an emulator (its absolute path), or found it out. */
bool caps_cache_used(const char *root, const char *emulator);

/* The text about an emulator (its absolute path); NULL: there is none, or it is this one. The
 * caller frees it. */
char *caps_cache_text(const char *root, const char *emulator, const char *kept);

#endif
