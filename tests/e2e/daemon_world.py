# SPDX-License-Identifier: GPL-3.0-or-later
"""A real libvirtd of a test's own, which has its directories in a mount namespace: nothing of the machine's libvirt is
touched."""
import ctypes, os, shutil, signal, subprocess, sys, tempfile, time

NESTBENCH = os.path.abspath(sys.argv[1]) + "/nestbench"
URI, SOCKET = "qemu:///system", "/run/libvirt/libvirt-sock"
OWN = ["/etc/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt", "/run"]
QEMU_CONF = """user = "root"
group = "root"
stdio_handler = "file"
security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
"""
OTHER = """<domain type='%s'><name>%s</name><memory unit='KiB'>32768</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>"""
START_PAUSED = 1
failures = []


def complain(what, detail):
    failures.append(what)
    print(f"FAILED: {what}: {detail}", flush=True)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


class Libvirt:
    """A few calls of libvirt."""

    ignore = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: None)

    def __init__(self):
        self.lib = ctypes.CDLL("libvirt.so.0")
        self.lib.virSetErrorFunc(None, self.ignore)
        for name in ("virConnectOpen", "virDomainCreateXML", "virDomainLookupByName"):
            getattr(self.lib, name).restype = ctypes.c_void_p
        self.lib.virDomainGetName.restype = ctypes.c_char_p
        self.conn = ctypes.c_void_p(self.lib.virConnectOpen(URI.encode()))

    def create(self, name, kind="qemu", flags=START_PAUSED):
        """Whether it could be started; one of QEMU's own must be."""
        domain = self.lib.virDomainCreateXML(self.conn, (OTHER % (kind, name)).encode(), flags)
        if not domain and kind == "qemu":
            skip(f"no VM can be started at {URI}")
        if domain:
            self.lib.virDomainFree(ctypes.c_void_p(domain))
        return bool(domain)

    def destroy(self, name):
        domain = self.lib.virDomainLookupByName(self.conn, name.encode())
        self.lib.virDomainDestroy(ctypes.c_void_p(domain))
        self.lib.virDomainFree(ctypes.c_void_p(domain))

    def names(self):
        found = ctypes.POINTER(ctypes.c_void_p)()
        count = self.lib.virConnectListAllDomains(self.conn, ctypes.byref(found), 0)
        names = [self.lib.virDomainGetName(ctypes.c_void_p(found[i])).decode() for i in range(count)]
        for i in range(count):
            self.lib.virDomainFree(ctypes.c_void_p(found[i]))
        return sorted(names)

    def close(self):
        self.lib.virConnectClose(self.conn)


def start_daemon(top):
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)  # a killed daemon's
    log = open(f"{top}/libvirtd.log", "a")
    daemon = subprocess.Popen(["libvirtd", "-f", "/etc/libvirt/libvirtd.conf"], stdout=log, stderr=log)
    for _ in range(300):
        if os.path.exists(SOCKET) or daemon.poll() is not None:
            break
        time.sleep(0.1)
    lib = Libvirt() if daemon.poll() is None else None
    if not lib or not lib.conn:
        daemon.kill()
        kill_all(qemus())
        said = open(f"{top}/libvirtd.log").read().strip().split("\n")[-1]
        skip(f"libvirtd cannot be started here: {said}")
    return daemon, lib


def kill_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def own_directory(path, top):
    """Mounts an empty directory over it. Where there is none, its parent becomes one of links, so that it is not made on the machine."""
    if os.path.isdir(path):
        mount("-t", "tmpfs", "none", path)
        return
    parent = os.path.dirname(path)
    real = f"{top}/real{parent}"
    os.makedirs(real)
    mount("--bind", parent, real)
    mount("-t", "tmpfs", "none", parent)
    for name in os.listdir(real):
        os.symlink(f"{real}/{name}", f"{parent}/{name}")
    os.mkdir(path)


def make_directories(top):
    """The daemon's, in the namespace."""
    for path in OWN:
        own_directory(path, top)
    open("/etc/libvirt/qemu.conf", "w").write(QEMU_CONF)
    open("/etc/libvirt/libvirtd.conf", "w").write('auth_unix_rw = "none"\nauth_unix_ro = "none"\n')


def processes(mark, but):
    """The processes that the run has started; the VMs are the daemon's."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark.encode() in open(f"/proc/{pid}/environ", "rb").read() and int(pid) not in but:
                found.append(int(pid))
        except OSError:
            pass
    return found


def qemus():
    """The VMs of this daemon, whose files are in its own /run and /var/lib: found by their mount namespace."""
    mine = os.readlink("/proc/self/ns/mnt")
    return [int(p) for p in filter(str.isdigit, os.listdir("/proc"))
            if p != str(os.getpid()) and namespace(p) == mine and comm(p).startswith("qemu")]


def namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")
    except OSError:
        return ""


def comm(pid):
    try:
        return open(f"/proc/{pid}/comm", errors="replace").read()
    except OSError:
        return ""


def main(script, inside, programs=()):
    """Calls inside with a directory for files, in a mount namespace."""
    if len(sys.argv) > 2:
        return inside(sys.argv[2])
    if os.geteuid() != 0:
        skip("a libvirtd of the test's own needs root")
    for program in ("libvirtd", "unshare", "qemu-system-x86_64", *programs):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            skip(f"there is no {program}")
    if subprocess.run(["unshare", "-m", "--propagation", "private", "true"], stderr=subprocess.DEVNULL).returncode:
        skip("no mount namespace can be made here")
    # A directory that QEMU can reach, outside of the mounted ones.
    top = tempfile.mkdtemp(prefix="nbt-", dir="/tmp")
    os.chmod(top, 0o711)
    os.mkdir(f"{top}/tmp", 0o711)
    os.environ.update(NESTBENCH_TMP=f"{top}/tmp", XDG_RUNTIME_DIR=f"{top}/tmp")
    try:
        return subprocess.run(["unshare", "-m", "--propagation", "private", sys.executable, os.path.abspath(script),
                               sys.argv[1], top]).returncode
    finally:
        shutil.rmtree(top, ignore_errors=True)
