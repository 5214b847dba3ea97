/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

/* Signals are the process's own; there can be no second instance. */
static int signals_fd = -1;

int interrupt_install(struct err *err)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	/* Never read: a blocked signal that stays pending keeps the descriptor readable. */
	signals_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (signals_fd < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot watch for signals");
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* A layer or a reader that went away is an error of the write, not the end of us. */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int interrupt_fd(void)
{
	return signals_fd;
}

bool interrupt_pending(void)
{
	struct pollfd p = {.fd = signals_fd, .events = POLLIN};

	return signals_fd >= 0 && poll(&p, 1, 0) > 0;
}

int interrupt_check(struct err *err)
{
	return interrupt_pending() ? err_set(err, EXIT_INTERRUPTED, "interrupted") : 0;
}
