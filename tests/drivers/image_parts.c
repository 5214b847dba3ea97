/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the image builder that need no tool: archives, the kernel's file, modules. */
#include "tests/drivers/image_dir.h"

#include <elf.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "drivers/image/tools.h"

/* As in the module. */
static const struct image_tools tools = {
	.unpack = unpack_bytes, .make_cpio = cpio_make, .make_ext4 = ext4_make};

/* ---- cpio ---- */

/* One entry of "newc": see the kernel's buffer-format.rst. */
static void add_entry(struct buf *b, const char *path, unsigned int mode, const char *data,
		      unsigned int major, unsigned int minor)
{
	/* inode, mode, uid, gid, links, mtime, size, device (2), special device (2), name, checksum
	 */
	buf_addf(b, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 0, mode, 0, 0,
		 1, 0, strlen(data), 0, 0, major, minor, strlen(path) + 1, 0);
	buf_add(b, path, strlen(path) + 1);
	buf_add(b, "\0\0", -b->len & 3);
	buf_addstr(b, data);
	buf_add(b, "\0\0", -b->len & 3);
}

static void archives_have_the_kernels_format(void **state)
{
	struct tree t = {0};
	struct buf want = BUF_INIT, data = BUF_INIT;
	struct err err = {0};

	(void)state;
	put("file", "content");
	tree_add_text(&t, "ab", "xyz");
	tree_add_program(&t, "dir/file", at("file"));
	add_entry(&want, "ab", S_IFREG | 0644, "xyz", 0, 0);
	add_entry(&want, "dir", S_IFDIR | 0755, "", 0, 0);
	add_entry(&want, "dir/file", S_IFREG | 0755, "content", 0, 0);
	add_entry(&want, "dev/console", S_IFCHR | 0600, "", 5, 1);
	add_entry(&want, "TRAILER!!!", 0, "", 0, 0);
	assert_works(cpio_make(&t, at("archive"), &err), err);
	assert_works(file_read(at("archive"), 4096, &data, &err), err);
	assert_string_equal(data.data, want.data);
	assert_int_equal(data.len, want.len);
	assert_memory_equal(data.data, want.data, want.len);
	tree_add_file(&t, "x", at("nothing"));
	assert_fails(cpio_make(&t, at("archive"), &err), err, EXIT_MACHINE, "nothing");
	assert_fails(cpio_make(&t, at("none/archive"), &err), err, EXIT_MACHINE, "none/archive");
	tree_release(&t);
	buf_release(&want);
	buf_release(&data);
}

/* ---- the kernel's file ---- */

static const uint8_t magic[4] = {0x02, 0x21, 0x4c, 0x18};

/* "abcabcabcabcabcabcabcabcXXXXX" in one block: 3 literals, a match of 21 at distance 3, 5
 * literals.
 */
static const uint8_t packed[] = {0x02, 0x21, 0x4c, 0x18, 13,   0,   0,	 0,   0x3f, 'a', 'b',
				 'c',  3,    0,	   2,	 0x50, 'X', 'X', 'X', 'X',  'X'};

static void lz4_is_unpacked(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_works(unpack_bytes(packed, sizeof(packed), 29, &out, &err) == 1 ? 0 : -1, err);
	assert_string_equal(buf_str(&out), "abcabcabcabcabcabcabcabcXXXXX");
	buf_clear(&out);
	assert_fails(unpack_bytes(packed, sizeof(packed), 28, &out, &err), err, EXIT_USAGE,
		     "more than 28 bytes");
	buf_clear(&out);
	assert_fails(unpack_bytes(packed, 15, 29, &out, &err), err, EXIT_USAGE, "damaged");
	/* What is not packed stays as it is. */
	buf_clear(&out);
	assert_int_equal(unpack_bytes(packed + 1, sizeof(packed) - 1, 25, &out, &err), 0);
	assert_int_equal(out.len, sizeof(packed) - 1);
	buf_release(&out);
}

/* Whatever the bytes are: an answer, and no more than the limit. */
static void damaged_lz4_is_refused(void **state)
{
	uint8_t bad[sizeof(packed)];
	struct err err = {0};

	(void)state;
	for (size_t i = 4; i < sizeof(packed); i++) {
		for (int value = 0; value < 256; value++) {
			struct buf out = BUF_INIT;

			memcpy(bad, packed, sizeof(bad));
			bad[i] = (uint8_t)value;
			if (unpack_bytes(bad, sizeof(bad), 1000, &out, &err) >= 0)
				assert_true(out.len <= 1000);
			buf_release(&out);
		}
	}
}

/* Appends the LZ4 form of data that is only literals. */
static void pack_literals(struct buf *b, const void *data, size_t len)
{
	size_t more = len - 15;
	uint32_t size = (uint32_t)(1 + more / 255 + 1 + len);

	buf_add(b, magic, 4);
	buf_add(b, &size, 4);
	buf_add(b, "\xf0", 1);
	for (; more >= 255; more -= 255)
		buf_add(b, "\xff", 1);
	buf_add(b, &(uint8_t){(uint8_t)more}, 1);
	buf_add(b, data, len);
}

struct tiny_kernel {
	Elf64_Ehdr eh;
	Elf64_Phdr ph, load;
	char text[8], bss[24];
	Elf64_Nhdr first;
	char first_name[4];
	Elf64_Nhdr note;
	char name[4];
	uint64_t entry;
};

static struct tiny_kernel tiny_kernel(uint32_t note_type)
{
	struct tiny_kernel k = {
		.eh = {.e_ident = ELFMAG,
		       .e_phoff = sizeof(k.eh),
		       .e_phentsize = sizeof(k.ph),
		       .e_phnum = 2},
		.ph = {.p_type = PT_NOTE, .p_offset = offsetof(struct tiny_kernel, first)},
		.load = {.p_type = PT_LOAD,
			 .p_offset = offsetof(struct tiny_kernel, text),
			 .p_filesz = sizeof(k.text) + sizeof(k.bss),
			 .p_memsz = sizeof(k.text) + sizeof(k.bss)},
		.text = "\x90\x90\0\x90",
		.first = {.n_namesz = 4},
		.first_name = "GNU",
		.note = {.n_namesz = 4, .n_descsz = 8, .n_type = note_type},
		.name = "Xen",
	};

	k.eh.e_ident[EI_CLASS] = ELFCLASS64;
	k.ph.p_filesz = sizeof(k) - k.ph.p_offset;
	return k;
}

/* A bzImage of one setup sector whose payload is this. */
static void wrap(struct buf *b, const struct buf *payload, uint32_t unpacked_size)
{
	uint8_t head[1024] = {0};
	uint32_t offset = 0, size = (uint32_t)payload->len + 4;

	head[0x1f1] = 1;
	memcpy(head + 0x202, "HdrS", 4);
	head[0x206] = 0x0f;
	head[0x207] = 2;
	memcpy(head + 0x248, &offset, 4);
	memcpy(head + 0x24c, &size, 4);
	buf_add(b, head, sizeof(head));
	buf_add(b, payload->data, payload->len);
	buf_add(b, &unpacked_size, 4);
}

static int unpack(uint32_t note_type, uint32_t wrong, size_t cut, struct buf *out, struct err *err)
{
	struct tiny_kernel k = tiny_kernel(note_type);
	struct buf payload = BUF_INIT, image = BUF_INIT;
	int result;

	pack_literals(&payload, &k, sizeof(k));
	wrap(&image, &payload, (uint32_t)sizeof(k) + wrong);
	result = kernel_unpack(&tools, image.data, image.len - cut, out, err);
	if (result == 1) {
		/* The zeroes at the end are made by who loads it. */
		k.load.p_filesz = 4;
		assert_int_equal(out->len, sizeof(k));
		assert_memory_equal(out->data, &k, sizeof(k));
	}
	buf_release(&payload);
	buf_release(&image);
	return result;
}

static void kernels_are_taken_out_of_their_wrapping(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_int_equal(unpack(18, 0, 0, &out, &err), 1);
	buf_clear(&out);
	/* Without a PVH entry the kernel must be started as it is. */
	assert_int_equal(unpack(17, 0, 0, &out, &err), 0);
	assert_int_equal(out.len, 0);
	assert_fails(unpack(18, 1, 0, &out, &err), err, EXIT_USAGE, "unpacks to");
	buf_clear(&out);
	assert_fails(unpack(18, 0, 1, &out, &err), err, EXIT_USAGE, "cut off");
	assert_fails(kernel_unpack(&tools, "MZ", 2, &out, &err), err, EXIT_USAGE, "not a bzImage");
	buf_release(&out);
}

static void other_compressions_are_left_alone(void **state)
{
	struct buf payload = BUF_INIT, image = BUF_INIT, out = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_addstr(&payload, "\xfd"
			     "7zXZ and so on");
	wrap(&image, &payload, 100);
	assert_int_equal(kernel_unpack(&tools, image.data, image.len, &out, &err), 0);
	assert_int_equal(out.len, 0);
	image.data[0x206] = 7; /* a protocol that does not say where the payload is */
	assert_int_equal(kernel_unpack(&tools, image.data, image.len, &out, &err), 0);
	buf_release(&payload);
	buf_release(&image);
	buf_release(&out);
}

/* ---- modules ---- */

static void put_module(const char *path, const char *depends)
{
	struct buf module = BUF_INIT, full = BUF_INIT;

	buf_add(&module, ELFMAG "…\0license=GPL", sizeof(ELFMAG "…\0license=GPL"));
	buf_addf(&module, "depends=%s", depends);
	buf_add(&module, "\0name=x", 8);
	buf_addf(&full, "package/lib/modules/6.1/kernel/%s", path);
	put_bytes(buf_str(&full), module.data, module.len);
	buf_release(&module);
	buf_release(&full);
}

static void modules_come_after_what_they_need(void **state)
{
	struct modules m;
	struct module_list order = {0};
	struct err err = {0};

	(void)state;
	put_module("a/virtio_ring.ko", "");
	put_module("a/virtio.ko", "virtio_ring");
	put_module("b/virtio-blk.ko", "virtio,virtio_ring,builtin_one");
	put_module("c/circle_a.ko", "circle_b");
	put_module("c/circle_b.ko", "circle_a");
	put_module("c/lost.ko", "nowhere");
	put("package/lib/modules/6.1/kernel/c/text.ko", "no ELF file");
	put("package/lib/modules/6.1/modules.builtin",
	    "kernel/fs/ext4/ext4.ko\nkernel/x/builtin-one.ko\n");
	assert_works(modules_open(&m, &tools, at("package/lib/modules/6.1"), &err), err);
	assert_string_equal(m.release, "6.1");
	assert_works(modules_closure(&m, "virtio_blk", &order, &err), err);
	assert_works(modules_closure(&m, "virtio", &order, &err), err);
	assert_true(modules_has(&m, "virtio_blk"));
	assert_false(modules_has(&m, "virtio_bl"));
	assert_works(modules_closure(&m, "ext4", &order, &err), err);
	assert_int_equal(order.count, 3);
	assert_string_equal(order.item[0]->path, "kernel/a/virtio_ring.ko");
	assert_string_equal(order.item[1]->path, "kernel/a/virtio.ko");
	assert_string_equal(order.item[2]->path, "kernel/b/virtio-blk.ko");
	assert_fails(modules_closure(&m, "lost", &order, &err), err, EXIT_MACHINE,
		     "no module nowhere");
	assert_fails(modules_closure(&m, "circle_a", &order, &err), err, EXIT_MACHINE, "circle");
	assert_fails(modules_closure(&m, "text", &order, &err), err, EXIT_MACHINE,
		     "not a kernel module");
	modules_release(&m);
}

/* An ELF magic and "depends=one", packed by xz. */
static const uint8_t two_xz[] = {
	0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x01, 0x69, 0x22, 0xde, 0x36, 0x02, 0x00,
	0x21, 0x01, 0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x25, 0x7f,
	0x45, 0x4c, 0x46, 0x00, 0x6c, 0x69, 0x63, 0x65, 0x6e, 0x73, 0x65, 0x3d, 0x47, 0x50,
	0x4c, 0x00, 0x64, 0x65, 0x70, 0x65, 0x6e, 0x64, 0x73, 0x3d, 0x6f, 0x6e, 0x65, 0x00,
	0x6e, 0x61, 0x6d, 0x65, 0x3d, 0x74, 0x77, 0x6f, 0x00, 0x00, 0x00, 0x00, 0xce, 0x5e,
	0x05, 0x6a, 0x00, 0x01, 0x3a, 0x26, 0xaf, 0xee, 0x22, 0xd7, 0x90, 0x42, 0x99, 0x0d,
	0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x59, 0x5a,
};

/* As newer packages have them. */
static void packed_modules_are_unpacked(void **state)
{
	static const char key[] = "\0depends=one\0";
	struct modules m;
	struct module_list order = {0};
	struct err err = {0};

	(void)state;
	put_module("a/one.ko", "");
	put_bytes("package/lib/modules/6.1/kernel/a/two.ko.xz", two_xz, sizeof(two_xz));
	put_bytes("package/lib/modules/6.1/kernel/a/bad.ko.xz", two_xz, sizeof(two_xz) - 20);
	put("package/lib/modules/6.1/kernel/a/text.ko.zst", "not packed");
	put("package/lib/modules/6.1/modules.builtin", "");
	assert_int_equal(symlink("loop.ko", at("package/lib/modules/6.1/kernel/a/loop.ko")), 0);
	assert_works(modules_open(&m, &tools, at("package/lib/modules/6.1"), &err), err);
	assert_works(modules_closure(&m, "two", &order, &err), err);
	assert_int_equal(order.count, 2);
	assert_string_equal(order.item[1]->path, "kernel/a/two.ko.xz");
	assert_int_equal(module_name_length(order.item[1]->path), strlen("kernel/a/two.ko"));
	assert_non_null(
		memmem(order.item[1]->data.data, order.item[1]->data.len, key, sizeof(key) - 1));
	assert_fails(modules_closure(&m, "bad", &order, &err), err, EXIT_USAGE, "cannot unpack");
	assert_fails(modules_closure(&m, "text", &order, &err), err, EXIT_MACHINE,
		     "not a kernel module");
	assert_fails(modules_closure(&m, "loop", &order, &err), err, EXIT_USAGE, strerror(ELOOP));
	modules_release(&m);
}

static void parameters_have_one_form(void **state)
{
	static const char *const bad[] = {
		"",	      "npt",	   "kvm_amd.npt",    "kvm_amd.npt=",   ".npt=0",
		"kvm_amd.=0", "kvm_amd=0", "kvm_amd.npt=\"", "kvm_amd.npt=0 ", "kvm amd.npt=0",
		"a-.b.c=1"};
	static const char *const good[] = {"kvm_amd.npt=0", "kvm-amd.avic=Y", "kvm.x=a=b,c", NULL};
	static const char *const twice[] = {"a.b=1", "a.c=1", "a.b=2", NULL};
	struct buf text = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *const list[] = {bad[i], NULL};

		assert_fails(image_module_params_check(list, &err), err, EXIT_USAGE,
			     "MODULE.PARAMETER=VALUE");
	}
	assert_works(image_module_params_check(NULL, &err), err);
	assert_works(image_module_params_check(good, &err), err);
	assert_fails(image_module_params_check(twice, &err), err, EXIT_USAGE, "a.b is set twice");
	module_params_text(good, &text);
	assert_string_equal(buf_str(&text), "options kvm_amd npt=0\noptions kvm_amd avic=Y\n"
					    "options kvm x=a=b,c\n");
	buf_release(&text);
}

/* A module that the guests do not have, or without that parameter, would ignore it in silence. */
static void parameters_exist(void **state)
{
	static const char module[] = ELFMAG "\0parmtype=npt:bool\0depends=\0parmtype=nested:int";
	struct modules m;
	struct module_list all = {0};
	struct err err = {0};

	(void)state;
	put_module("a/other.ko", "");
	put("package/lib/modules/6.1/modules.builtin", "");
	put_bytes("package/lib/modules/6.1/kernel/a/kvm-amd.ko", module, sizeof(module));
	assert_works(modules_open(&m, &tools, at("package/lib/modules/6.1"), &err), err);
	assert_works(modules_closure(&m, "kvm_amd", &all, &err), err);
#define FIT(text) module_params_fit(&m, &all, (const char *const[]){text, NULL}, &err)
	assert_works(module_params_fit(&m, &all, NULL, &err), err);
	assert_works(FIT("kvm_amd.npt=0"), err);
	assert_works(FIT("kvm-amd.nested=0"), err);
	assert_fails(FIT("kvm_amd.np=0"), err, EXIT_USAGE, "has no parameter np ");
	assert_fails(FIT("kvm_amd.bool=0"), err, EXIT_USAGE, "has no parameter bool ");
	assert_fails(FIT("other.npt=0"), err, EXIT_USAGE, "do not have a module other ");
	assert_fails(FIT("kvm.npt=0"), err, EXIT_USAGE, "do not have a module kvm ");
	modules_release(&m);
}

/* A kernel of the user's own, with its modules beside it, or named. */
static void kernels_are_chosen(void **state)
{
	static const char release[] = "6.9-own (me@here)";
	char kernel[0x400] = {0};
	struct image_inputs in = {0};
	struct package_store store = {.dir = dir};
	struct buf named = BUF_INIT;
	struct err err = {0};

	(void)state;
	memcpy(kernel + 0x202, "HdrS", 4);
	kernel[0x20e] = 0x40;
	kernel[0x20f] = 0x01;
	memcpy(kernel + 0x340, release, sizeof(release));
	put_bytes("package/boot/own", kernel, sizeof(kernel));
	assert_fails(image_kernel_check(at("package/boot/own"), &err), err, EXIT_USAGE,
		     "name them as VMLINUZ:MODULES-DIR");
	put("package/lib/modules/6.9-own/modules.builtin", "");
	assert_works(image_kernel_check(at("package/boot/own"), &err), err);
	assert_works(kernel_choose(&store, at("package/boot/own"), &in, &err), err);
	assert_null(in.kernel_deb);
	assert_string_equal(strrchr(in.vmlinuz, '/'), "/own");
	assert_string_equal(strrchr(in.modules, '/'), "/6.9-own");
	free(in.vmlinuz);
	free(in.modules);
	buf_addf(&named, "%s:%s", at("package/boot/own"), at("package/lib/modules/6.1"));
	assert_fails(image_kernel_check(buf_str(&named), &err), err, EXIT_USAGE,
		     "holds no modules of this kernel: expected a directory …/lib/modules/6.9-own");
	buf_clear(&named);
	buf_addf(&named, "%s:%s", at("package/boot/own"), at("package/lib/modules/6.9-own"));
	assert_works(image_kernel_check(buf_str(&named), &err), err);
	/* A version that points out of what was read, and other files. */
	kernel[0x20f] = 0x7f;
	put_bytes("package/boot/own", kernel, sizeof(kernel));
	assert_fails(image_kernel_check(at("package/boot/own"), &err), err, EXIT_USAGE,
		     "which release");
	assert_fails(image_kernel_check(at("package/lib/modules/6.9-own/modules.builtin"), &err),
		     err, EXIT_USAGE, "neither a Debian package");
	assert_fails(image_kernel_check("/nowhere/vmlinuz", &err), err, EXIT_USAGE, "/nowhere");
	assert_fails(image_kernel_check("/nowhere/vmlinuz:/lib", &err), err, EXIT_USAGE,
		     "/nowhere");
	assert_fails(image_kernel_check("bash", &err), err, EXIT_USAGE, "there is no file");
	assert_works(image_kernel_check("linux-image-6.1.0-9-cloud-amd64", &err), err);
	buf_release(&named);
}

static void kernels_are_found_in_packages(void **state)
{
	char vmlinuz[PATH_MAX], modules[PATH_MAX];
	struct err err = {0};

	(void)state;
	assert_fails(kernel_find(at("package"), vmlinuz, modules, &err), err, EXIT_USAGE,
		     "holds no kernel");
	put("package/boot/config-6.1", "");
	put("package/boot/vmlinuz-6.1", "kernel");
	put("package/lib/modules/6.2/x", "");
	assert_fails(kernel_find(at("package"), vmlinuz, modules, &err), err, EXIT_USAGE,
		     "holds no modules");
	put("package/usr/lib/modules/6.1/x", "");
	assert_works(kernel_find(at("package"), vmlinuz, modules, &err), err);
	assert_string_equal(vmlinuz, at("package/boot/vmlinuz-6.1"));
	assert_string_equal(modules, at("package/usr/lib/modules/6.1"));
}

/* ---- libraries ---- */

/* The packages as they are unpacked, with a program of this machine in the place of each of theirs.
 */
static void put_xen(void)
{
	static const char *const programs[] = {
		"xen/usr/lib/xen-4.99/bin/xl",		"xen/usr/lib/xen-4.99/bin/xenstored",
		"xen/usr/lib/xen-4.99/bin/xenconsoled", "xen/usr/lib/xen-4.99/bin/xen-init-dom0",
		"xen/usr/lib/xen-4.99/bin/xentrace",	"xen/usr/bin/xenstore-read",
		"xen/usr/bin/xenstore-write",
	};
	struct buf program = BUF_INIT;
	struct err err;

	assert_works(file_read("/usr/bin/true", 1 << 24, &program, &err), err);
	for (size_t i = 0; i < COUNT(programs); i++)
		put_bytes(programs[i], program.data, program.len);
	put("xen/boot/xen-4.99-amd64.gz", "a hypervisor");
	buf_release(&program);
}

static void xen_is_taken_from_its_packages(void **state)
{
	const struct tree_entry *e;
	struct tree t = {0};
	struct buf data = BUF_INIT;
	struct err err = {0};
	char root[512];

	(void)state;
	put_xen();
	snprintf(root, sizeof(root), "%s", at("xen"));
	assert_works(xen_add(&t, &tools, root, at("hypervisor"), &err), err);
	assert_works(file_read(at("hypervisor"), 4096, &data, &err), err);
	assert_string_equal(buf_str(&data), "a hypervisor");
	assert_non_null(tree_find(&t, "boot/" IMAGE_HYPERVISOR));
	e = tree_find(&t, "usr/lib/xen-4.99/bin/xl");
	assert_non_null(e);
	assert_int_equal(e->mode & 0777, 0755);
	e = tree_find(&t, "usr/sbin/xl");
	assert_non_null(e);
	assert_string_equal(e->from, "/usr/lib/xen-4.99/bin/xl");
	e = tree_find(&t, "etc/xen/scripts/block");
	assert_non_null(e);
	assert_int_equal(e->mode & 0777, 0755);
	tree_release(&t);
	buf_release(&data);

	assert_int_equal(unlink(at("xen/usr/lib/xen-4.99/bin/xenstored")), 0);
	assert_fails(xen_add(&t, &tools, root, at("hypervisor"), &err), err, EXIT_MACHINE,
		     "xenstored");
	tree_release(&t);
	assert_int_equal(unlink(at("xen/boot/xen-4.99-amd64.gz")), 0);
	assert_fails(xen_add(&t, &tools, root, at("hypervisor"), &err), err, EXIT_MACHINE,
		     "hold no /boot/xen-*-amd64.gz");
	tree_release(&t);
}

/* perf links libperl, and needs no Perl for that. */
static void packages_for_maintainer_scripts_are_left_out(void **state)
{
	(void)state;
	assert_true(package_is_maintenance("perl"));
	assert_true(package_is_maintenance("perl-base"));
	assert_true(package_is_maintenance("debconf"));
	assert_false(package_is_maintenance("libperl5.36"));
	assert_false(package_is_maintenance("libudev1"));
}

static void ldd_is_understood(void **state)
{
	struct names libraries = {0};
	struct err err = {0};

	(void)state;
	assert_works(ldd_parse("/usr/bin/a:\n"
			       "\tlinux-vdso.so.1 (0x00007ffc5a5f2000)\n"
			       "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f1c)\n"
			       "\t/lib64/ld-linux-x86-64.so.2 (0x00007f1d)\n"
			       "/usr/bin/b:\n"
			       "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f1c)\n"
			       "\tlibq.so => /opt/a b (1)/libq.so (0x00007f1e)\n"
			       "\tstatically linked\n",
			       &libraries, &err),
		     err);
	assert_int_equal(libraries.count, 3);
	assert_string_equal(libraries.item[2], "/opt/a b (1)/libq.so");
	assert_string_equal(libraries.item[0], "/lib/x86_64-linux-gnu/libz.so.1");
	assert_string_equal(libraries.item[1], "/lib64/ld-linux-x86-64.so.2");
	assert_fails(ldd_parse("\tlibgone.so.3 => not found\n", &libraries, &err), err,
		     EXIT_MACHINE, "libgone.so.3, which the image needs, is missing");
	names_release(&libraries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(archives_have_the_kernels_format, make_dir,
						remove_dir),
		cmocka_unit_test(lz4_is_unpacked),
		cmocka_unit_test(damaged_lz4_is_refused),
		cmocka_unit_test(kernels_are_taken_out_of_their_wrapping),
		cmocka_unit_test(other_compressions_are_left_alone),
		cmocka_unit_test_setup_teardown(modules_come_after_what_they_need, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(packed_modules_are_unpacked, make_dir, remove_dir),
		cmocka_unit_test(parameters_have_one_form),
		cmocka_unit_test_setup_teardown(parameters_exist, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(kernels_are_chosen, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(kernels_are_found_in_packages, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(xen_is_taken_from_its_packages, make_dir,
						remove_dir),
		cmocka_unit_test(packages_for_maintainer_scripts_are_left_out),
		cmocka_unit_test(ldd_is_understood),
	};

	return cmocka_run_group_tests_name("image parts", tests, NULL, NULL);
}
