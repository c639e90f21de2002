#!/usr/bin/env bash
# usage: fuzz.sh TIME        10m, 90s, 2h
# What `make fuzz` runs: half of the time calls of the C API, a quarter of it gradients of normalizations, the rest sequences of
# several threads and .npy files through the tool, each going on where the last run ended. With KILN_FUZZ_BUILD=build/sanitize, by the build
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
for share in call:10 gradient:5 sequence:3 npy:2; do
  target=${share%:*}
  "$build/tests/fuzz/kiln_fuzz" "$target" --time $((seconds * ${share#*:} / 20 + 1)) --seed "${KILN_FUZZ_SEED:-1}" \
    --state "$build/fuzz-$target.state" --faults "$build/faults" || status=1
done
exit $status
