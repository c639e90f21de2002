#!/usr/bin/env bash
# usage: emulate.sh QEMU CPU PROGRAM [ARGUMENT...]
# Runs PROGRAM on an emulated CPU; exit status 77 (skipped) where qemu-x86_64 is not installed.
set -euo pipefail
qemu=$1 cpu=$2
shift 2
if [ ! -x "$qemu" ]; then
  echo "skipped: qemu-x86_64 is not installed (Debian: qemu-user)"
  exit 77
fi
# qemu names features that the model has and it cannot emulate; none of them matters here.
exec "$qemu" -cpu "$cpu" "$@" 2> >(grep -v 'TCG doesn.t support requested feature' >&2)
