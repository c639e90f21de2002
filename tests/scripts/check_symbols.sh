#!/usr/bin/env bash
# usage: check_symbols.sh ARCHIVE LIST ARCHITECTURE PROGRAM
# Every global symbol that ARCHIVE defines begins with kiln_; every one that it needs from elsewhere stands in LIST; and
# PROGRAM, linked from it by the C compiler, needs no shared library but the C library's own.
set -euo pipefail
nm=${NM:-nm}
readelf=${READELF:-readelf}
archive=$1 list=$2 architecture=$3 program=$4
failed=0

symbols() { "$nm" -g -P "$@" "$archive" | awk 'NF >= 2 && $1 !~ /:$/ {print $1}' | sort -u; }

defined=$(symbols --defined-only)
[ "$(grep -c '^kiln_' <<<"$defined")" -gt 20 ] || { echo "symbols: $archive defines hardly anything"; failed=1; }
if foreign=$(grep -v '^kiln_' <<<"$defined"); then
  echo "symbols: defined in $archive, but not kiln_*:" $foreign
  failed=1
fi

# Sanitizers' own symbols come with their runtime.
needed=$(comm -23 <(symbols --undefined-only) <(echo "$defined") | grep -Ev '^__(asan|ubsan|tsan|sanitizer)_' || true)
allowed=$(awk -v here="$architecture" '!/^#/ && (NF == 1 || $2 == here) {print $1}' "$list" | sort -u)
if unknown=$(comm -23 <(echo "$needed") <(echo "$allowed") | grep .); then
  echo "symbols: needed by $archive, but not in $list:" $unknown
  failed=1
fi
if stale=$(comm -13 <(echo "$needed") <(echo "$allowed") | grep .); then
  echo "symbols: in $list, but $archive does not need them any more:" $stale
  failed=1
fi

libraries=$("$readelf" -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
for library in $libraries; do
  case $library in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | ld-linux* | libasan.so.* | libubsan.so.* | libtsan.so.*) ;;
    *) echo "symbols: $program needs $library"; failed=1 ;;
  esac
done
exit $failed
