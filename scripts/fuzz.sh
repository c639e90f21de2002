#!/usr/bin/env bash
# usage: fuzz.sh TIME        10m, 90s, 2h
# What `make fuzz` runs: seven tenths of the time calls of the C API, two tenths sequences of several threads, one tenth
# .npy files through the tool, each going on where the last run ended. With KILN_FUZZ_BUILD=build/sanitize, by the build
# with sanitizers. Faults are written to <build>/faults; the exit status is 1 where there is one.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${KILN_FUZZ_BUILD:-build/release}
case ${1:-} in
  *[0-9]s) seconds=${1%s} ;;
  *[0-9]m) seconds=$((${1%m} * 60)) ;;
  *[0-9]h) seconds=$((${1%h} * 3600)) ;;
  *)
    sed -n '2,/^set/{s/^# //p}' "$0" >&2
    exit 2
    ;;
esac
status=0
for share in call:7 sequence:2 npy:1; do
  target=${share%:*}
  "$build/tests/fuzz/kiln_fuzz" "$target" --time $((seconds * ${share#*:} / 10 + 1)) --seed "${KILN_FUZZ_SEED:-1}" \
    --state "$build/fuzz-$target.state" --faults "$build/faults" || status=1
done
exit $status
