#!/usr/bin/env bash
# usage: check_symbols.sh ARCHIVE LIST KINDS PROGRAM HEADER_DIR
# Every global symbol that ARCHIVE defines begins with kiln_, and is hidden unless HEADER_DIR's kiln.h declares it; every one
# that it needs from elsewhere stands in LIST, alone or with one of KINDS; and PROGRAM, linked from it by the C compiler, needs no shared library but the
# C library's own.
set -euo pipefail
nm=${NM:-nm}
readelf=${READELF:-readelf}
cc=${CC:-cc}
archive=$1 list=$2 kinds=$3 program=$4 headers=$5
failed=0

symbols() { "$nm" -g -P "$@" "$archive" | awk 'NF >= 2 && $1 !~ /:$/ {print $1}' | sort -u; }

defined=$(symbols --defined-only)
[ "$(grep -c '^kiln_' <<<"$defined")" -gt 20 ] || { echo "symbols: $archive defines hardly anything"; failed=1; }
if foreign=$(grep -v '^kiln_' <<<"$defined"); then
  echo "symbols: defined in $archive, but not kiln_*:" $foreign
  failed=1
fi

# Functions as the preprocessor leaves them, and visibility as the linker sees it.
declared=$("$cc" -E -P -x c -I"$headers" "$headers/kiln/kiln.h" | grep -oE '\bkiln_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
visible() { "$readelf" -sW "$archive" | awk -v v="$1" '($5 == "GLOBAL" || $5 == "WEAK") && $6 == v && $7 != "UND" {print $8}' | sort -u; }
if open=$(visible DEFAULT | grep .); then
  echo "symbols: of default visibility in $archive:" $open
  failed=1
fi
if [ "$(visible PROTECTED)" != "$declared" ]; then
  echo "symbols: expected to be exported of $archive: what kiln.h declares; got, where they differ:"
  diff <(echo "$declared") <(visible PROTECTED) || true
  failed=1
fi

# Sanitizers' own symbols come with their runtime.
needed=$(comm -23 <(symbols --undefined-only) <(echo "$defined") | grep -Ev '^__(asan|ubsan|tsan|sanitizer)_' || true)
allowed=$(awk -v kinds=" $kinds " '!/^#/ && (NF == 1 || index(kinds, " " $2 " ")) {print $1}' "$list" | sort -u)
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
