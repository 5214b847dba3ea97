/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/parse.h"

extern char **environ;

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/*
 * STAYS: moves no figure. RECORDED: stays, can move figures, and is kept with them. REMOVED: and
 * the user is told. What matches no rule is removed silently. The first rule that matches counts.
 */
static const struct rule {
	const char *names[7]; /* a '*' at one end stands for anything */
	enum { STAYS, RECORDED, REMOVED } fate;
	const char *why;
} rules[] = {
	{{"PATH"}, STAYS, "where programs are found"},
	{{"HOME"}, STAYS, "the cache of images; a command's own files"},
	{{"USER", "LOGNAME"}, STAYS, "who asks a system's libvirt"},
	{{"SSH_AUTH_SOCK"}, STAYS, "libvirt over ssh (--connect)"},
	{{"KRB5CCNAME", "KRB5_CONFIG"}, STAYS, "libvirt over TLS (--connect)"},
	{{"XDG_CACHE_HOME"}, STAYS, "the cache of images"},
	{{"XDG_CONFIG_HOME"}, STAYS, "the configuration; names for libvirt's URIs (--connect)"},
	{{"SUDO_UID"}, STAYS, "whose configuration may be read"},
	{{"XDG_RUNTIME_DIR"}, STAYS, "the work directory; the socket of a user's libvirt"},
	{{"SLURM_CONF"}, STAYS, "which Slurm measures a fleet"},
	{{"XDG_STATE_HOME"}, STAYS, "the history of runs"},
	{{"NESTBENCH_*"}, STAYS, "our own"},
	{{"TERM"}, STAYS, "what the terminal can draw"},
	{{"NO_COLOR"}, STAYS, "no colours"},
	{{"TMPDIR"}, STAYS, "where tools put what they need for a moment"},
	{{"APT_CONFIG"}, STAYS, "where packages of the image come from, whose hash is recorded"},
	{{"*_proxy", "*_PROXY"}, STAYS, "the way to them"},
	{{"*SAN_OPTIONS"}, STAYS, "of builds with sanitizers"},
	{{"LD_LIBRARY_PATH"}, RECORDED, "libraries that lie elsewhere: libvirt, OpenCL"},
	{{"OCL_ICD_*", "OPENCL_*", "RUSTICL_*"}, RECORDED, "which OpenCL devices there are"},
	{{"POCL_*"}, RECORDED, "how PoCL uses CPUs"},
	{{"CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
	  "HIP_VISIBLE_DEVICES", "ZE_*"},
	 RECORDED,
	 "which GPUs are used"},
	{{"CUDA_*", "HSA_*", "AMD_*", "GPU_*", "MESA_*", "LP_*"},
	 REMOVED,
	 "GPUs and their compilers would work otherwise"},
	{{"HWLOC_*"}, REMOVED, "another machine than this one would be described, and placed on"},
	{{"LIBVIRT_*", "VIR_*", "VIRSH_*", "VIRTLOGD_*"},
	 REMOVED,
	 "other drivers and connections than asked for; logs that cost time"},
	{{"QEMU_*"}, REMOVED, "VMs are described by their XML alone"},
	{{"G_DEBUG", "G_SLICE", "G_MESSAGES_DEBUG", "GIO_*"},
	 REMOVED,
	 "QEMU and libvirt would use memory and time otherwise"},
	{{"OPENSSL_*", "GNUTLS_*", "SSLKEYLOGFILE"},
	 REMOVED,
	 "ciphers would be computed by other code than in guests"},
	{{"SSL_CERT_*", "CURL_CA_BUNDLE"},
	 REMOVED,
	 "apt and libvirt have certificates of their own"},
	{{"GLIBC_TUNABLES"}, REMOVED, "memory, locks and string functions would work otherwise"},
	{{"MALLOC_*", "TCMALLOC_*", "JEMALLOC_*"}, REMOVED, "memory would work otherwise"},
	{{"LD_*"}, REMOVED, "code that is not ours in every process that is measured"},
	{{"GCONV_PATH", "TRACEEVENT_*", "TRACEFS_*", "SASL_PATH"},
	 REMOVED,
	 "code that is not ours"},
	{{"LOCPATH", "NLSPATH", "TZDIR", "GETCONF_DIR"}, REMOVED, "files that guests do not have"},
	{{"RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"},
	 REMOVED,
	 "hosts are found as by everyone on this machine"},
	{{"OMP_*", "GOMP_*", "KMP_*", "OPENBLAS_*", "MKL_*"},
	 REMOVED,
	 "other threads than asked for"},
	{{"GSL_*"}, REMOVED, "statistics have a generator and rounding of their own"},
	{{"SQLITE_*"},
	 REMOVED,
	 "SQLite would use other files, such as another disk than the scratch"},
	{{"GNUTERM"}, REMOVED, "pictures are SVG and PNG"},
	{{"GNUPLOT_*", "GDFONTPATH", "FONTCONFIG_*", "PANGO_*", "CAIRO_*", "FREETYPE_*"},
	 REMOVED,
	 "pictures would look otherwise"},
	{{"CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "GCC_*", "MAKEFLAGS"},
	 REMOVED,
	 "app.build compiles with gcc as it is"},
	{{"CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "CCACHE_*"},
	 REMOVED,
	 "app.build compiles with gcc as it is"},
	{{"MKE2FS_*", "E2FSPROGS_*"}, REMOVED, "guest images would be others"},
	{{"MODPROBE_OPTIONS"}, REMOVED, "kernel modules are loaded as they are configured"},
	{{"SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER"},
	 REMOVED,
	 "ssh asks nothing: a run has nobody to answer"},
	{{"PYTHONPATH", "PYTHONHOME", "PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT"},
	 REMOVED,
	 "a command would run other code than in guests"},
	{{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "NODE_OPTIONS", "GODEBUG",
	  "GOGC"},
	 REMOVED,
	 "a command would work otherwise than in guests"},
	{{"BASH_ENV", "ENV"}, REMOVED, "a command would begin with something else"},
	{{"POSIXLY_CORRECT"}, REMOVED, "tools would work otherwise"},
};

bool environment_rule(size_t i, struct environment_rule *out)
{
	if (i >= sizeof(rules) / sizeof(rules[0]))
		return false;
	*out = (struct environment_rule){.names = rules[i].names,
					 .removed = rules[i].fate == REMOVED,
					 .recorded = rules[i].fate == RECORDED,
					 .why = rules[i].why};
	return true;
}

/* Of more than these only the first are reported. */
enum { NOTES_MAX = 128 };

static struct environment_note notes[NOTES_MAX];
static size_t noted;

/* NULL: none matches. */
static const struct rule *rule_of(const char *name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (const char *const *pattern = rules[i].names; *pattern; pattern++)
			if (parse_matches(*pattern, name))
				return &rules[i];
	return NULL;
}

/* What is no "NAME=value" with a name of letters, digits and underscores goes too. */
static bool stays(const char *variable)
{
	struct environment_note *note = &notes[noted];
	size_t len = strspn(variable, NAME_CHARS);
	const struct rule *rule;

	if (variable[len] != '=' || len >= sizeof(note->name))
		return false;
	memcpy(note->name, variable, len);
	note->name[len] = '\0';
	rule = rule_of(note->name);
	if (!rule)
		return false;
	note->removed = rule->fate == REMOVED;
	note->why = rule->why;
	noted += rule->fate != STAYS && noted < NOTES_MAX - 1;
	return !note->removed;
}

void environment_settle(void)
{
	size_t kept = 0;

	for (size_t i = 0; environ && environ[i]; i++)
		if (stays(environ[i]))
			environ[kept++] = environ[i];
	if (environ)
		environ[kept] = NULL;
	setenv("LC_ALL", "C", 1);
	umask(umask(0) & 077);
}

const struct environment_note *environment_note(size_t i)
{
	return i < noted ? &notes[i] : NULL;
}

void environment_add_recorded(struct buf *out)
{
	const struct environment_note *note;

	for (size_t i = 0; (note = environment_note(i)); i++)
		if (!note->removed)
			buf_addf(out, "%s%s=%s", out->len ? " " : "", note->name,
				 getenv(note->name));
}

void environment_add_removed(struct buf *out)
{
	const struct environment_note *note;

	for (size_t i = 0; (note = environment_note(i)); i++)
		if (note->removed)
			buf_addf(out, "%s%s", out->len ? ", " : "", note->name);
}
