#!/usr/bin/env python3
"""Runs models that others made, stock and on Kiln, and writes a page about it. `make models` runs this.

    main.py [--out FOLDER] [--rounds N] [--no-qemu] [--record] [MODEL...]

MODEL is rapidocr, silero-vad, ddddocr, efficientnet, ...; all without it. One whose package is not installed is left out
by name. --record writes the calls that are kept in recorded/ anew.
"""
import argparse
import importlib.metadata
import importlib.util
import os
import pathlib
import platform
import sys
import time

#: The models by the framework that runs them, in the order of the page.
MODELS = {"onnx": ("rapidocr", "silero-vad", "ddddocr"),
          "torch": ("efficientnet", "swin", "raft", "alexnet", "cspdarknet", "vit", "unet", "autoencoder")}
#: What each of the two kinds of models needs beside its own package, by the names of imports.
NEEDED = {"onnx": ("onnxruntime", "onnx", "PIL", "kiln.onnxruntime"), "torch": ("torch", "kiln.torch")}


class Progress:
    """What is being done, on standard error: one line, which is written over on a terminal."""

    def __init__(self, count):
        self.count, self.begun, self.number, self.name = count, time.monotonic(), 0, ""
        self.overwrite = sys.stderr.isatty()
        self.last = ""

    def start(self, name):
        self.number, self.name = self.number + 1, name

    def __call__(self, step):
        text = f"[{self.number}/{self.count}] {time.monotonic() - self.begun:4.0f} s  {self.name}: {step}"
        if self.overwrite:
            print(f"\r{text:<78.78}", end="", file=sys.stderr, flush=True)
        elif step.partition(" ")[0] != self.last:  # bits of 1 of 9, of 2 of 9, ... are one line
            print(text, file=sys.stderr, flush=True)
        self.last = step.partition(" ")[0]

    def line(self, text):
        if self.overwrite:
            print("\r" + " " * 78 + "\r", end="", file=sys.stderr, flush=True)
        print(text, flush=True)


def missing(names):
    def there(name):
        try:
            return importlib.util.find_spec(name) is not None
        except ImportError:  # of the package around it
            return False

    return [name for name in names if not there(name)]


def available():
    """[(model, examine's function for it)], and {name: what is missing}."""
    found, left = [], {}
    if lacking := missing(NEEDED["onnx"]):
        left.update(dict.fromkeys(MODELS["onnx"], f"{', '.join(lacking)} not installed"))
    else:
        from examine import of_onnx
        from onnx_models import onnx_models

        found += [(model, of_onnx) for model in onnx_models()]
    if lacking := missing(NEEDED["torch"]):
        left.update(dict.fromkeys(MODELS["torch"], f"{', '.join(lacking)} not installed"))
    else:
        from examine import of_torch
        from torch_models import torch_models

        found += [(model, of_torch) for model in torch_models()]
    for model, _ in found:
        needed = (model.package, "torch") if model.name == "silero-vad" else (model.package,)
        if lacking := missing(needed):
            left[model.name] = f"{', '.join(lacking)} not installed"
    return [(model, how) for model, how in found if model.name not in left], left


def machine():
    names = ("onnxruntime", "torch", "torchvision", "timm", "diffusers", "rapidocr", "silero-vad", "ddddocr", "numpy")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{model or platform.machine()}, {os.cpu_count()} CPUs. {', '.join(versions)}."


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/models"), metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed")
    parser.add_argument("--no-qemu", action="store_true", help="do not run the build for AArch64")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("models", nargs="*", metavar="MODEL")
    return parser.parse_args()


def main():
    args = arguments()
    names = [name for kind in MODELS.values() for name in kind]
    if unknown := set(args.models) - set(names):
        sys.exit(f"main.py: no model {', '.join(sorted(unknown))}: expected one of {', '.join(names)}")
    models, skipped = available()
    if args.models:
        models = [(model, how) for model, how in models if model.name in args.models]
        skipped = {name: why for name, why in skipped.items() if name in args.models}
    for name, why in skipped.items():
        print(f"skipped: {name}: {why}")
    from examine import faults

    progress, reports = Progress(len(models)), []
    for model, how in models:
        progress.start(model.name)
        reports.append(how(model, args.rounds, progress, args.record, not args.no_qemu))
        found = faults(reports[-1])
        progress.line("\n".join(f"{model.name}: {fault}" for fault in found) or f"{model.name}: the same answer and bits")
    import page

    file = args.out / "index.html"
    page.write(file, reports, skipped, machine())
    print(f"{len(reports)} models, {sum(bool(faults(report)) for report in reports)} with faults, {len(skipped)} skipped: {file}")
    return any(faults(report) for report in reports) or not reports


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    sys.exit(main())
