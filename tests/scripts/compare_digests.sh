#!/usr/bin/env bash
# usage: compare_digests.sh QEMU DIGEST_PROGRAM
# Every operator's results have the same digest on this CPU's instruction sets and on an emulated one without FMA.
set -euo pipefail
here=$(dirname "$0")
native=$("$2")
[ -n "$native" ] || { echo "digests: $2 printed nothing"; exit 1; }
status=0
emulated=$(bash "$here/emulate.sh" "$1" Nehalem "$2") || status=$?
if [ $status = 77 ]; then
  echo "$emulated"
  exit 77
fi
[ $status = 0 ] || { echo "digests: the emulated program ended with status $status: $emulated"; exit 1; }
# One line an operator, accuracy and instruction set: "<operator> <accuracy> <isa> <digest>".
wrong=$(echo "$native"$'\n'"$emulated" | awk '{print $1, $2, $4}' | sort -u | awk '{print $1, $2}' | uniq -d)
if [ -n "$wrong" ]; then
  echo "digests: other bits on some instruction set:" $wrong
  echo "here:"; echo "$native"
  echo "on an emulated Nehalem:"; echo "$emulated"
  exit 1
fi
echo "$emulated" | grep -q ' baseline ' || { echo "digests: the emulated program ran no baseline kernel"; exit 1; }
