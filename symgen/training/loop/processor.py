"""Which instruction set of this processor multiplies bfloat16 matrices, if it has one.

The features that the processor reports decide, not a timing: a timing on a busy machine is
unreliable, and the wrong answer trains three times slower than float32. Without these instructions
bfloat16 is emulated. oneDNN, which multiplies for TensorFlow, uses those of x86 and of ARM.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

X86 = ("amx_bf16", "avx512_bf16")  # the faster first
ARM = ("bf16",)
CPUINFO = Path("/proc/cpuinfo")
SYSCTL = ("sysctl", "-n", "hw.optional.arm.FEAT_BF16")


def bfloat16_instruction() -> str:
    """Return the instruction set that multiplies bfloat16 here, "" for none or unknown."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "linux":
            return in_cpuinfo(CPUINFO.read_text(encoding="utf-8", errors="replace"))
        if sys.platform == "darwin":
            return in_sysctl(_output(*SYSCTL))
    return ""  # Windows has no cheap way to ask


def in_cpuinfo(text: str) -> str:
    """Return what /proc/cpuinfo names in `flags` (x86) or `Features` (ARM) of every core."""
    cores = [_words(line) for line in text.splitlines()]
    for key, names in (("flags", X86), ("Features", ARM)):
        features = [words for name, words in cores if name == key]
        for name in names:
            if features and all(name in words for words in features):
                return name
    return ""


def in_sysctl(text: str) -> str:
    """Return what macOS says: 1 where the processor has FEAT_BF16."""
    return "FEAT_BF16" if text.strip() == "1" else ""


def _words(line: str) -> tuple[str, frozenset[str]]:
    key, _, value = line.partition(":")
    return key.strip(), frozenset(value.split())


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout
