#!/usr/bin/env bash
# usage: verify_resume.sh KILN ISA WORK_DIR
# Kills `kiln verify --resume` after its first step, lets it go on, and compares its digest with that of a whole run; a
# state of another run, and a digest that is another one, are found.
set -euo pipefail
read -ra runner <<<"${KILN_RUNNER:-}"
kiln=("${runner[@]}" "$1") isa=$2 work=$3
thin=${KILN_TESTS_THIN:-1}
stride=$((thin > 1 ? 60 * thin : 15))
fail() { echo "verify_resume: $*"; exit 1; }
verify() { "${kiln[@]}" verify hardsigmoid --isa "$isa" "$@"; }

rm -rf "$work"
mkdir -p "$work"
state=$work/state.json
"${kiln[@]}" verify hardsigmoid --isa "$isa" --stride $stride --threads 1 --resume "$state" >/dev/null 2>&1 &
sweep=$!
until [ -e "$state" ]; do kill -0 "$sweep" 2>/dev/null || fail "the run ended without leaving a state"; done
kill -9 "$sweep" 2>/dev/null || fail "the run was over before it could be interrupted"
wait "$sweep" 2>/dev/null || true
grep -q '"pieces"' "$state" || fail "the state is not whole: $(head -c 200 "$state")"

if verify --stride $((stride + 1)) --resume "$state" >"$work/log" 2>&1; then fail "the state of another run was taken"; fi
grep -q "expected a run with --stride $((stride + 1))" "$work/log" || fail "another message: $(cat "$work/log")"

verify --stride $stride --resume "$state" --write-digests "$work/resumed.json" >/dev/null
[ ! -e "$state" ] || fail "the state outlived its run"
verify --stride $stride --digests "$work/resumed.json" >/dev/null || fail "a resumed run and a whole one differ"

echo '{"digests": {"hardsigmoid": {"exact": {"'$stride'": "0000000000000000"}}}}' >"$work/other.json"
if verify --stride $stride --digests "$work/other.json" >"$work/log" 2>&1; then fail "another digest passed"; fi
grep -q 'OTHER DIGEST' "$work/log" || fail "another message: $(cat "$work/log")"
rm -rf "$work"
