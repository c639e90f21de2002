#!/usr/bin/env bash
# usage: test_wheel.sh [--make] [x86_64|aarch64]
# Installs the wheel of build/wheel for an architecture, this machine's by default, into an environment of its own, with NumPy and
# ml_dtypes from PyPI, and runs the package's tests there: on AArch64 by Debian's Python under qemu. --make: it has wheel.sh make
# the wheel first.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --make ]; then
  shift
  scripts/wheel.sh "${1:-$(uname -m)}"
fi
arch=${1:-$(uname -m)}
place=$PWD/build/wheel/$arch/test
wheel=$(echo build/wheel/kiln_kernels-*_"$arch".whl)
[ -f "$wheel" ] || { echo "test_wheel: error: expected a wheel for $arch in build/wheel; make wheel makes it" >&2; exit 1; }
rm -rf "$place"

if [ "$arch" = "$(uname -m)" ]; then
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check "$wheel" -r python/requirements-numpy.txt
  run=("$place/bin/python")
else
  scripts/arm_sysroot.sh python
  root=$PWD/.sysroot/$arch-python
  python3 -m pip install --quiet --disable-pip-version-check --target "$place" --only-binary :all: --implementation cp \
    --python-version 3.11 --platform "manylinux_2_28_$arch" --platform "manylinux_2_27_$arch" --platform "manylinux2014_$arch" \
    "$wheel" -r python/requirements-numpy.txt
  export PYTHONHOME=$root/usr PYTHONPATH=$place
  qemu=$(command -v "qemu-$arch" || command -v "qemu-$arch-static")
  run=("$qemu" -L "$root" "$root/usr/bin/python3.11")
fi
unset KILN_TOOL KILN_CUDA_SIMULATOR
"${run[@]}" -B python/tests/run.py numpy
