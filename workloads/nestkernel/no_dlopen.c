/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of the static nestkernel alone. The C library's dlopen, which SQLite and the OpenCL backend
 * refer to, does not work reliably in a static program and would pull in a dynamic loader; these
 * functions return an error instead. A kernel that needs a library runs in nestkernel-dl, which is
 * linked from the same objects without this one.
 */
#include <stddef.h>

/* The linker replaces the functions of the same names by these (--wrap). */
void *__wrap_dlopen(const char *file, int mode);
char *__wrap_dlerror(void);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);

void *__wrap_dlopen(const char *file, int mode)
{
	return NULL;
}

char *__wrap_dlerror(void)
{
	static char why[] = "a statically linked program cannot load libraries";

	return why;
}

void *__wrap_dlsym(void *handle, const char *name)
{
	return NULL;
}

int __wrap_dlclose(void *handle)
{
	return -1;
}
