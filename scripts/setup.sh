#!/usr/bin/env bash
# Installs what the build needs and this machine lacks: Debian packages where the user may install them, and pinned
# wheels in .venv. It says what before it installs anything. Run again, it does nothing that is done.
# KILN_NO_SYSTEM_PACKAGES=1: it installs no Debian package; where one is missing, it says which, and stops.
set -euo pipefail
cd "$(dirname "$0")/.."

needed="
  g++                 compiles library, tool and tests
  make                runs the commands of the Makefile
  pkg-config          finds MPFR, and Kiln in tests
  python3-venv        makes .venv
  python3-dev         Python.h, for the package of Python
  libgtest-dev        GoogleTest, for the tests
  libcli11-dev        CLI11, the tool's command line
  nlohmann-json3-dev  JSON in tool, tests and benchmark
  libdlpack-dev       DLPack's header, one of those that kiln.h is tested with
  libmpfr-dev         MPFR, the reference of tests and kiln verify
  libbenchmark-dev    Google Benchmark, for the benchmark
  qemu-user           older CPUs and AArch64, for the tests
  pocl-opencl-icd     OpenCL on the CPU, for the tests
  ocl-icd-libopencl1  OpenCL's loader, for the tests"
# Without it the rest works, and make test says what it leaves out.
optional="
  g++-aarch64-linux-gnu  compiles for AArch64"

if [ "$(uname -m)" != x86_64 ]; then
  echo "setup: error: expected an x86-64 machine: Halide has no wheel for Linux on $(uname -m). An AArch64 machine takes" \
    "the tree that 'make cross-arm' builds on x86-64: docs/using/aarch64.md" >&2
  exit 1
fi

# The lines of the list given whose packages are not installed.
absent() {
  echo "$1" | while read -r package what; do
    [ -n "$package" ] || continue
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '  %-22s %s\n' "$package" "$what"
  done
}
names() { echo $(echo "$1" | sed 's/^ *\([^ ]*\).*/\1/'); }
missing="" missing_optional=""
if command -v dpkg-query >/dev/null; then
  missing=$(absent "$needed") missing_optional=$(absent "$optional")
else
  echo "setup: this is no Debian or Ubuntu; it must have what these packages hold:$needed$optional"
fi

# How these packages may be installed.
as_root=""
if [ "${KILN_NO_SYSTEM_PACKAGES:-0}" != 0 ]; then
  as_root=never
elif [ "$(id -u)" != 0 ]; then
  as_root="sudo -n"
  $as_root true 2>/dev/null || as_root=never
fi

install="apt-get install --no-install-recommends"
if [ -n "$missing" ] && [ "$as_root" = never ]; then
  {
    echo "setup: error: these Debian packages are missing:"
    echo "$missing"
    echo "setup: please have them installed, then run this again:"
    echo "  sudo apt-get update && sudo $install $(names "$missing")"
    echo "setup: the library alone needs none but a C++ compiler and Python: docs/using/linking.md#the-library-alone"
  } >&2
  exit 1
fi
[ "$as_root" != never ] || missing_optional=""
packages=$(printf '%s\n%s' "$missing" "$missing_optional" | sed '/^$/d')

new_wheels=no
cmp -s requirements.txt .venv/requirements.txt || new_wheels=yes

# What apt would fetch, in its own lists, where it has some: " (12.3 MB to download)".
download_size() {
  apt-get --print-uris -y --no-install-recommends install $1 2>/dev/null |
    awk '/^\047/ { sum += $3 } END { if (sum) printf " (%.1f MB to download)", sum / 1e6 }' || true
}
if [ -n "$packages" ]; then
  echo "setup: installs these Debian packages and what they depend on$(download_size "$(names "$packages")"):"
  echo "$packages"
  echo "  by '${as_root:+$as_root }$install'; with KILN_NO_SYSTEM_PACKAGES=1 it stops instead"
fi
if [ $new_wheels = yes ]; then
  echo "setup: installs these Python packages into .venv (0.5 GB): $(grep -v '^#' requirements.txt | paste -sd' ')"
fi
if [ -n "$missing_optional" ] || command -v aarch64-linux-gnu-g++ >/dev/null && ! scripts/arm_sysroot.sh unpacked; then
  echo "setup: unpacks arm64 packages of these libraries into .sysroot/aarch64, which stays apart from the system's"
fi

if [ -n "$packages" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  for step in "apt-get update" "$install -y $(names "$packages")"; do
    if ! $as_root env DEBIAN_FRONTEND=noninteractive $step >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "setup: error: '$step' failed; the lines above say why" >&2
      exit 1
    fi
  done
fi

if [ $new_wheels = yes ]; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  # A path without Python's version in it, for CMakePresets.json.
  ln -s "$(cd .venv && echo lib/python3*/site-packages/halide)" .venv/halide
  cp requirements.txt .venv/requirements.txt
fi

if command -v aarch64-linux-gnu-g++ >/dev/null; then
  scripts/arm_sysroot.sh || echo "setup: nothing is built for AArch64 without these packages"
else
  echo "setup: nothing is built for AArch64 without $(names "$optional")"
fi
