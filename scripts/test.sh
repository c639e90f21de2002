#!/usr/bin/env bash
# usage: test.sh
# What `make test` runs once build/release is built: its tests, then, where this machine has what it takes, the AArch64
# build and its tests under qemu; at the end, the counts.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
status=0
rm -f build/release/tests.xml build/aarch64/tests.xml
runs=("$(uname -m)=build/release/tests.xml")

ctest --test-dir build/release -j "${JOBS:-$(nproc)}" --output-on-failure --output-junit tests.xml || status=1
missing=$(scripts/arm.sh missing)
if [ -n "$missing" ]; then
  runs+=("aarch64=skipped: missing: $missing")
elif scripts/arm.sh build; then
  scripts/arm.sh test || status=1
  runs+=("aarch64=build/aarch64/tests.xml")
else
  runs+=("aarch64=failed: it does not build")
fi
python3 scripts/test_summary.py "${runs[@]}" && exit $status
