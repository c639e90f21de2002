#!/usr/bin/env bash
# Installs what the build needs and this machine lacks: Debian packages where the user may install them, and pinned
# wheels in .venv. Run again, it does nothing that is done.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="g++ make pkg-config python3-venv libgtest-dev libcli11-dev nlohmann-json3-dev libdlpack-dev libmpfr-dev
          libbenchmark-dev qemu-user pocl-opencl-icd ocl-icd-libopencl1"

# For AArch64; without it, the rest works, and `make test` says what it leaves out.
cross_packages="g++-aarch64-linux-gnu"

if [ "$(uname -m)" != x86_64 ]; then
  echo "setup: error: expected an x86-64 machine: Halide has no wheel for Linux on $(uname -m). An AArch64 machine takes" \
    "the tree that 'make cross-arm' builds on x86-64: docs/using/aarch64.md" >&2
  exit 1
fi

absent() {
  for p in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf ' %s' "$p"
  done
}
missing="" cross_missing=""
if command -v dpkg-query >/dev/null; then
  missing=$(absent $packages) cross_missing=$(absent $cross_packages)
else
  echo "setup: this is no Debian or Ubuntu; it must have what these packages hold: $(echo $packages)"
fi

as_root="sudo -n" may_install=yes
if [ "$(id -u)" = 0 ]; then as_root=""; elif ! sudo -n true 2>/dev/null; then may_install=no; fi
if [ -n "$missing" ] && [ $may_install = no ]; then
  echo "setup: error: please install what is missing, then run this again: sudo apt-get install$missing" >&2
  exit 1
fi
if [ -n "$missing$cross_missing" ] && [ $may_install = yes ]; then
  echo "setup: installing$missing$cross_missing"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  for step in update "install -y --no-install-recommends$missing$cross_missing"; do
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get $step >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "setup: error: 'apt-get $step' failed; the lines above say why" >&2
      exit 1
    fi
  done
fi

if ! cmp -s requirements.txt .venv/requirements.txt; then
  echo "setup: making .venv with $(grep -v '^#' requirements.txt | tr '\n' ' ')"
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
  echo "setup: nothing is built for AArch64 without $cross_packages"
fi
