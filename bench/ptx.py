"""What can be read off a CUDA kernel without a GPU: its PTX's arithmetic, and what ptxas makes of it."""
import collections
import pathlib
import re
import shutil
import subprocess

SUFFIX = "_cuda_sm80.device_code"
PREFIX = "kiln_kernel_"
ARITHMETIC = re.compile(r"^\s*(?:@!?%p\d+ )?(add|sub|mul|fma|mad|div|rcp|sqrt|rsqrt|ex2|lg2|sin|cos|tanh|min|max)"
                        r"((?:\.\w+)*)\.(f32|f64|f32x2)\s", re.MULTILINE)
ARCHITECTURES = ("sm_80", "sm_90", "sm_100")

Assembled = collections.namedtuple("Assembled", "registers bad")  # of the largest entry point; spills and stack frames


def kernels(folder):
    """{name: file} of the PTX that a build's folder of kernels has."""
    return {p.name[len(PREFIX):-len(SUFFIX)]: p for p in sorted(pathlib.Path(folder).glob(f"{PREFIX}*{SUFFIX}"))}


def arithmetic(text):
    """[(instruction, modifiers, type)]"""
    return ARITHMETIC.findall(text)


def counts(text):
    """{"fma.f32": 40, ...}"""
    return dict(sorted(collections.Counter(f"{name}.{kind}" for name, _, kind in arithmetic(text)).items()))


def knows(architecture):
    """Whether ptxas is installed and does."""
    if not shutil.which("ptxas"):
        return False
    return f"'{architecture}'" in subprocess.run(["ptxas", "--help"], capture_output=True, text=True, check=False).stdout


def assemble(path, architecture):
    """Assembled, or a message where ptxas refuses the file."""
    done = subprocess.run(["ptxas", f"-arch={architecture}", "-v", str(path), "-o", "/dev/null"], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        return done.stderr.strip() or f"ptxas ended with status {done.returncode}"
    bad = re.findall(r"[1-9]\d* bytes (?:stack frame|spill stores|spill loads)", done.stderr)
    return Assembled(max(int(n) for n in re.findall(r"Used (\d+) registers", done.stderr)), bad)
