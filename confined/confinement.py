"""Giving up everything that the work does not need, before its bytes are opened.

Bounds of the kernel hold for memory, processor time, file size and open files. Where Linux offers
it, the process also leaves the network (a namespace of its own), the file system (Landlock: it
then sees the interpreter's libraries, the files it was given and its work folder, and no key of
the exchange) and those system calls by which it could start, watch or end another process or open
a socket (seccomp). Where a kernel offers less, less is given up; the bounds always hold.
"""

import ctypes
import mimetypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .bounds import Bounds
from .calls import refuse_calls

ROOT = Path(__file__).resolve().parents[1]
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


def confine(
    bounds: Bounds, *, readable: Sequence[Path], workdir: Path, code: Sequence[str]
) -> list[str]:
    """Bound this process and take away what is not needed to read `readable` into `workdir`.

    `code` names the packages of our own tree that the work imports. Returns what holds:
    "bounds" always; "network", "files" and "calls" where the kernel agreed.
    """
    for kind, amount in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, bounds.seconds),
        (resource.RLIMIT_FSIZE, bounds.written),
        (resource.RLIMIT_NOFILE, bounds.files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (bound, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    held = ["bounds"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        # an ordinary user has to own the new network
        if not libc.unshare(NEW_NETWORK) or not libc.unshare(NEW_USER | NEW_NETWORK):
            held.append("network")
        if _leave_file_system(libc, readable, workdir, code):
            held.append("files")
        if refuse_calls(libc):
            held.append("calls")
    return held


def _leave_file_system(
    libc: ctypes.CDLL, readable: Iterable[Path], workdir: Path, code: Iterable[str]
) -> bool:
    version = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    if version < 1:
        return False
    rights = (1 << RIGHTS_OF_VERSION.get(version, 16)) - 1
    network = 3 if version >= NETWORK_SINCE else 0
    handled = struct.pack("=QQ", rights, network)[: 16 if network else 8]
    ruleset = libc.syscall(CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        return False
    look = READ_FILE | READ_DIRECTORY | EXECUTE
    _allow(libc, ruleset, _libraries(code), look)
    _allow(libc, ruleset, readable, READ_FILE)
    _allow(libc, ruleset, [workdir], rights & ~EXECUTE)
    held: bool = libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return held


def _libraries(code: Iterable[str]) -> list[Path]:
    """Return where the interpreter and its packages lie; of our own tree only the code."""
    paths = {
        Path(entry)
        for entry in (*SYSTEM, *mimetypes.knownfiles, *sys.path, sys.prefix, sys.base_prefix)
        if entry
    }
    own = [ROOT / package for package in (Path(__file__).parent.name, *code)]
    return [*own, *(paths - {ROOT})]


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
