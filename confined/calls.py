"""System calls a child goes without: a seccomp filter in the kernel's own language (classic BPF).

Refused are calls that begin, replace, watch or signal another process, open or join a socket, or
reach parts of the kernel that no computation needs. Threads are allowed, other processes are not.
A list of what is allowed would be stronger and would break with each release of the C library.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass
from typing import Final

SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
CALL, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NEW_THREAD: Final = 0x00010000  # CLONE_THREAD
OTHER_NUMBERS: Final = 0x40000000  # x86's second set of calls (x32)


@dataclass(frozen=True)
class Machine:
    """The numbers of one processor architecture."""

    audit: int
    clone: int
    signal_own: int  # tgkill: abort() needs it
    refused: tuple[int, ...]


CLONE3: Final = 435
EVERYWHERE: Final = (424, 425, 434, 438)  # pidfd_send_signal, io_uring_setup, pidfd_open, …getfd
MACHINES: Final = {
    "x86_64": Machine(
        audit=0xC000003E,
        clone=56,
        signal_own=234,
        refused=(
            *(41, 42, 53),  # socket, connect, socketpair
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 200, 129, 297),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(101, 310, 311, 298, 321, 323),  # ptrace, process_vm_*, perf, bpf, userfaultfd
            *(248, 249, 250, 165, 272, 308),  # keys, mount, unshare, setns
            *EVERYWHERE,
        ),
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        clone=220,
        signal_own=131,
        refused=(
            *(198, 203, 199),
            *(221, 281),
            *(129, 130, 138, 240),
            *(117, 270, 271, 241, 280, 282),
            *(217, 218, 219, 40, 97, 268),
            *EVERYWHERE,
        ),
    ),
}


def refuse_calls(libc: ctypes.CDLL) -> bool:
    """Give up the calls for good; return whether kernel and processor are known and agreed."""
    machine = MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little":
        return False
    program = _program(machine)
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    return bool(libc.prctl(SET_SECCOMP, MODE_FILTER, header, 0, 0) == 0)


def _program(machine: Machine) -> bytes:
    refuse = _step(RETURN, REFUSE | errno.EPERM)
    allow = _step(RETURN, ALLOW)
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, machine.audit, 1, 0),
        refuse,
        _step(LOAD, CALL),
        _step(AT_LEAST, OTHER_NUMBERS, 0, 1),
        refuse,
        _step(EQUAL, CLONE3, 0, 1),
        _step(RETURN, REFUSE | errno.ENOSYS),  # the C library then takes clone
    ]
    for number in machine.refused:
        steps += [_step(EQUAL, number, 0, 1), refuse]
    steps += [
        _step(EQUAL, machine.clone, 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(ANY_BIT, NEW_THREAD, 0, 1),
        allow,
        refuse,
        _step(EQUAL, machine.signal_own, 0, 3),
        _step(LOAD, FIRST_ARGUMENT),
        _step(EQUAL, os.getpid(), 1, 0),
        refuse,
        allow,
    ]
    return b"".join(steps)


def _step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
