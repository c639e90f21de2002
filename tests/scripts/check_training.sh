#!/usr/bin/env bash
# usage: check_training.sh PROGRAM EXPECTED [ISA...]
# examples/train prints what the file EXPECTED has, to the last bit of every loss, on 1, 2 and 5 threads, on each ISA or,
# where none is named, on the best; exit status 77 (skipped) where this CPU has none of them.
set -uo pipefail
program=$1 expected=$2
shift 2
read -ra runner <<<"${KILN_RUNNER:-}"
fail() { echo "training: $*"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
[ -f "$expected" ] || fail "there is no $expected; it is what $program prints"

ran=0
for isa in "${@:-}"; do
  for threads in 1 2 5; do
    words=(--threads "$threads" ${isa:+--isa "$isa"})
    if "${runner[@]}" "$program" "${words[@]}" >"$work/printed" 2>"$work/errors"; then
      cmp -s "$work/printed" "$expected" ||
        fail "with ${words[*]}, $expected (<) and what is printed (>) differ:" $'\n'"$(diff "$expected" "$work/printed")"
      ran=$((ran + 1))
    elif grep -q "expected an instruction set that this CPU has" "$work/errors"; then
      echo "skipped: this CPU has no $isa"
      break
    else
      fail "with ${words[*]} it failed: $(cat "$work/printed" "$work/errors")"
    fi
  done
done
[ $ran != 0 ] || exit 77
echo "$ran runs print the same"
