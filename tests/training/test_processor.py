"""What a processor says of its bfloat16 instructions, from texts as Linux and macOS give them."""

import subprocess

import pytest

from symgen.training.loop import processor

EPYC = (
    "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2 avx512f avx512_bf16 avx512_vnni\n"
)
XEON = "flags\t\t: fpu avx512f avx512_bf16 amx_bf16 amx_tile amx_int8\n"
OLD = (
    "model name\t: one that is said to be made for avx512_bf16\n"
    "flags\t\t: fpu avx2 avx512f avx512_vnni\n"
)
GRAVITON = "BogoMIPS\t: 2100.00\nFeatures\t: fp asimd sve i8mm bf16 dgh\nCPU part\t: 0xd40\n"
RASPBERRY = "Features\t: fp asimd evtstrm crc32 cpuid\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EPYC, "avx512_bf16"),
        (XEON, "amx_bf16"),
        (OLD, ""),
        (GRAVITON, "bf16"),
        (RASPBERRY, ""),
        ("", ""),
        (EPYC + EPYC, "avx512_bf16"),
        (GRAVITON + RASPBERRY, ""),  # a machine of large and small cores
        ("flags\t\t: fpu bf16\n", ""),  # the word of ARM on x86
    ],
)
def test_cpuinfo_is_read_by_whole_words_of_the_right_line(text, expected):
    assert processor.in_cpuinfo(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("1\n", "FEAT_BF16"), ("0\n", ""), ("", "")])
def test_macos_says_1_or_0_or_nothing(text, expected):
    assert processor.in_sysctl(text) == expected


def test_the_platform_decides_what_is_read(monkeypatch, tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(EPYC)
    monkeypatch.setattr(processor, "CPUINFO", file)
    monkeypatch.setattr(processor, "_output", lambda *command: "1\n")
    for platform, expected in (("linux", "avx512_bf16"), ("darwin", "FEAT_BF16"), ("win32", "")):
        monkeypatch.setattr(processor.sys, "platform", platform)
        assert processor.bfloat16_instruction() == expected


def test_what_cannot_be_read_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "missing")
    monkeypatch.setattr(processor.sys, "platform", "linux")
    assert processor.bfloat16_instruction() == ""

    def hang(*command):
        raise subprocess.TimeoutExpired(command, 5)

    monkeypatch.setattr(processor, "_output", hang)
    monkeypatch.setattr(processor.sys, "platform", "darwin")
    assert processor.bfloat16_instruction() == ""
