"""`pause`: the process that holds a pod's namespaces, as an executable of a few hundred bytes.

It ignores SIGCHLD, so that the kernel reaps what is left to it as process 1, ends well at SIGTERM
and SIGINT, and otherwise sleeps. It is so small that writing its machine code by hand needs less
than asking every machine for a C compiler; it is the same file in the pause image and as process
1 of a local node.
"""

from __future__ import annotations

import struct

from kubepy.cluster.images.oci import Entry, Image

NAME = "registry.k8s.io/pause:3.10"

BASE = 0x400000  # where the file is mapped, headers and all
HEADERS = 64 + 56  # the ELF header and one program header
ACTION = struct.Struct("<QQQQ")  # the kernel's sigaction: handler, flags, restorer, mask
IGNORE = ACTION.pack(1, 0, 0, 0)
QUIT_SIZE = ACTION.size
DATA = BASE + HEADERS
CODE = DATA + len(IGNORE) + QUIT_SIZE

SIGINT, SIGTERM, SIGCHLD = 2, 15, 17
RESTORER = 0x04000000  # x86-64 refuses a handler without one; ours never returns to it


class UnknownMachine(ValueError):
    """There is no machine code for this architecture here."""


def image(arch: str) -> Image:
    """Raises UnknownMachine."""
    return Image(
        (NAME,), (Entry("pause", executable(arch)),), entrypoint=("/pause",), user="65535:65535"
    )


def executable(arch: str) -> bytes:
    """The ELF file. Raises UnknownMachine."""
    match arch:
        case "amd64":
            return _elf(62, _amd64())
        case "arm64":
            return _elf(183, _arm64())
    raise UnknownMachine(f"there is no pause for {arch}")


def _elf(machine: int, code_and_exit: tuple[bytes, int]) -> bytes:
    code, exit_at = code_and_exit
    quit_action = ACTION.pack(CODE + exit_at, RESTORER, CODE + exit_at, 0)
    body = IGNORE + quit_action + code
    size = HEADERS + len(body)
    ident = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)  # 64 bit, little endian, version 1
    executable, version = 2, 1
    header = struct.pack(
        "<HHIQQQIHHHHHH", executable, machine, version, CODE, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    load, read_execute, page = 1, 5, 0x10000
    segment = struct.pack("<IIQQQQQQ", load, read_execute, 0, BASE, BASE, size, size, page)
    return ident + header + segment + body


def _actions() -> list[tuple[int, int]]:
    """Which signal gets which action."""
    ignore, quit_ = DATA, DATA + len(IGNORE)
    return [(SIGCHLD, ignore), (SIGTERM, quit_), (SIGINT, quit_)]


def _amd64() -> tuple[bytes, int]:
    """The code, and where in it the exit starts."""
    syscall = b"\x0f\x05"
    code = b""
    for signal, action in _actions():
        code += b"\xb8" + struct.pack("<I", 13)  # mov eax, rt_sigaction
        code += b"\xbf" + struct.pack("<I", signal)  # mov edi, signal
        code += b"\xbe" + struct.pack("<I", action)  # mov esi, action
        code += b"\x31\xd2"  # xor edx, edx: the old action is not wanted
        code += b"\x41\xba" + struct.pack("<I", 8)  # mov r10d, 8: bytes of a signal mask
        code += syscall
    code += b"\xb8" + struct.pack("<I", 34) + syscall + b"\xeb\xf7"  # pause; jump back to it
    exit_at = len(code)
    code += b"\xb8" + struct.pack("<I", 60) + b"\x31\xff" + syscall  # exit(0)
    return code, exit_at


def _arm64() -> tuple[bytes, int]:
    """The code, and where in it the exit starts."""

    def set_register(register: int, value: int) -> int:  # movz
        return 0xD2800000 | value << 5 | register

    def set_address(register: int, address: int, at: int) -> int:  # adr, relative to itself
        offset = address - (CODE + 4 * at)
        return 0x10000000 | (offset & 3) << 29 | (offset >> 2 & 0x7FFFF) << 5 | register

    call_number, svc = 8, 0xD4000001
    words: list[int] = []
    for signal, action in _actions():
        words += [set_register(call_number, 134), set_register(0, signal)]
        words.append(set_address(1, action, len(words)))
        words += [set_register(2, 0), set_register(3, 8), svc]
    again = len(words)
    words += [set_register(call_number, 73), *(set_register(n, 0) for n in range(5)), svc]  # ppoll
    words.append(0x14000000 | (again - len(words)) & 0x3FFFFFF)  # b again
    exit_at = 4 * len(words)
    words += [set_register(call_number, 93), set_register(0, 0), svc]
    return struct.pack(f"<{len(words)}I", *words), exit_at
