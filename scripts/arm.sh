#!/usr/bin/env bash
# usage: arm.sh missing        prints what this machine lacks to build and test for AArch64; nothing where it lacks nothing
#        arm.sh build          library, tool, tests and benchmark, in build/aarch64
#        arm.sh install PREFIX the relocatable tree
#        arm.sh test           the tests, under qemu; the JUnit file is build/aarch64/tests.xml
# build/release must be configured: its generators write the kernels.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
jobs=${JOBS:-$(nproc)}

missing() {
  [ "$(uname -m)" = x86_64 ] || echo "an x86-64 machine, which Halide's wheel is for"
  command -v aarch64-linux-gnu-g++ >/dev/null || echo "g++-aarch64-linux-gnu"
  command -v qemu-aarch64 >/dev/null || command -v qemu-aarch64-static >/dev/null || echo "qemu-user or qemu-user-static"
  scripts/arm_sysroot.sh unpacked || echo "the packages of scripts/arm_sysroot.sh"
}

build() {
  local lacking
  lacking=$(missing | grep -v '^qemu' || true)
  if [ -n "$lacking" ]; then
    echo "cross-arm: error: missing: $(paste -sd, <<<"$lacking"); scripts/setup.sh installs it where it may" >&2
    exit 1
  fi
  cmake --build build/release -j "$jobs" --target kiln_generators
  cmake --preset aarch64
  cmake --build build/aarch64 -j "$jobs"
}

case ${1:-} in
  missing) missing | paste -sd, ;;
  build) build ;;
  install) cmake --install build/aarch64 --prefix "$2" ;;
  test) ctest --test-dir build/aarch64 -j "$jobs" --output-on-failure --output-junit tests.xml ;;
  *)
    sed -n '2,/^set/{s/^# //p}' "$0" >&2
    exit 2
    ;;
esac
