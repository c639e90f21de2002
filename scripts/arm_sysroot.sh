#!/usr/bin/env bash
# usage: arm_sysroot.sh            unpacks the packages; nothing where that is done
#        arm_sysroot.sh unpacked   status 0 where they are there, all of them
#        arm_sysroot.sh python     unpacks Python and the C library
# Unpacks the arm64 packages that tool, tests and benchmark link into .sysroot/aarch64. The C and C++ libraries are the cross
# compiler's own. Python, which qemu runs to test the wheel, has all of its own in .sysroot/aarch64-python. apt keeps its lists
# of arm64 in the same folder: this machine's packages and architectures stay as they are, and it needs no root.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="libgtest-dev libmpfr-dev libgmp-dev libcli11-dev nlohmann-json3-dev libdlpack-dev
  libbenchmark-dev libbenchmark1debian"
root=.sysroot/aarch64
if [ "${1:-}" = python ]; then
  packages="python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libc6 libcrypt1 libexpat1 libffi8 libgcc-s1
    libstdc++6 zlib1g"
  root=.sysroot/aarch64-python
fi
packages=$(echo $packages)

[ "$(cat "$root/packages" 2>/dev/null)" != "$packages" ] || exit 0
[ "${1:-}" != unpacked ] || exit 1
command -v apt-get >/dev/null || { echo "arm_sysroot: error: expected apt-get, which fetches the packages"; exit 1; }

work=$PWD/.sysroot/work
rm -rf "$root" "$work"
mkdir -p "$root" "$work/lists/partial" "$work/cache/archives/partial"
trap 'rm -rf "$work"' EXIT
fetch() {
  (cd "$work" && apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@") >"$work/log" 2>&1 && return
  tail -n 5 "$work/log"
  echo "arm_sysroot: error: 'apt-get $1' failed for arm64; the lines above say why"
  exit 1
}
echo "setup: unpacking arm64 packages into $root: $packages"
fetch update
fetch download $packages
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$root"; done
# Archives alone: what is linked is inside the program, which then runs where these libraries are not installed. Of Google
# Benchmark Debian has no archive: bench/ carries the library beside the program.
[ "${1:-}" = python ] || find "$root" -name '*.so*' ! -name 'libbenchmark.so*' -delete
echo "$packages" >"$root/packages"
