"""Giving up everything that reading one file does not need, before the file is opened.

Bounds of the kernel hold for memory, processor time, file size and open files. Where Linux offers
it, the process also leaves the network (a namespace of its own) and the file system (Landlock):
it then sees the interpreter's libraries, the one file and its work folder, and no key of the
exchange. Where a kernel offers less, less is given up; the bounds always hold.
"""

import ctypes
import mimetypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from .limits import Limits

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
SET_PARENT_DEATH_SIGNAL, SET_NO_NEW_PRIVILEGES = 1, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIRECTORY = 1, 2, 4, 8
RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many file rights a version knows
NETWORK_SINCE = 4
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/urandom",
)


def confine(limits: Limits, path: Path, workdir: Path) -> None:
    """Bound this process and take away what is not needed to read `path` into `workdir`."""
    for kind, amount in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (bound, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if libc.unshare(NEW_NETWORK):  # an ordinary user has to own the new network
            libc.unshare(NEW_USER | NEW_NETWORK)
        _leave_file_system(libc, path, workdir)


def _leave_file_system(libc: ctypes.CDLL, path: Path, workdir: Path) -> None:
    version = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    if version < 1:
        return
    rights = (1 << RIGHTS_OF_VERSION.get(version, 16)) - 1
    network = 3 if version >= NETWORK_SINCE else 0
    handled = struct.pack("=QQ", rights, network)[: 16 if network else 8]
    ruleset = libc.syscall(CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        return
    look = READ_FILE | READ_DIRECTORY | EXECUTE
    _allow(libc, ruleset, _libraries(), look)
    _allow(libc, ruleset, [path], READ_FILE)
    _allow(libc, ruleset, [workdir], rights & ~EXECUTE)
    libc.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _libraries() -> list[Path]:
    """Return where the interpreter and its packages lie; of our own tree only the code."""
    root = Path(__file__).resolve().parents[3]
    paths = {
        Path(entry)
        for entry in (*SYSTEM, *mimetypes.knownfiles, *sys.path, sys.prefix, sys.base_prefix)
        if entry
    }
    return [root / "exchange", *(paths - {root})]


def _allow(libc: ctypes.CDLL, ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        try:
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            granted = rights if path.is_dir() else rights & (READ_FILE | WRITE_FILE | EXECUTE)
            rule = struct.pack("=Qi", granted, beneath)
            libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        finally:
            os.close(beneath)
