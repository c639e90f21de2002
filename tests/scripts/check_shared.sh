#!/usr/bin/env bash
# usage: check_shared.sh LIBRARY SONAME VERSION_NODE HEADER_DIR PLUGIN...
# LIBRARY, libkiln.so, has this SONAME, exports what HEADER_DIR's kiln.h declares, all of it under VERSION_NODE, and nothing
# else. Each PLUGIN, a shared library made of libkiln.a, exports no more of it than kiln.h declares, and asks no other library
# for any of it.
set -euo pipefail
nm=${NM:-nm}
readelf=${READELF:-readelf}
cc=${CC:-cc}
library=$1 soname=$2 node=$3 headers=$4
shift 4
fail() { echo "shared: $*"; exit 1; }

declared=$("$cc" -E -P -x c -I"$headers" "$headers/kiln/kiln.h" | grep -oE '\bkiln_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
[ "$(wc -l <<<"$declared")" -gt 20 ] || fail "kiln.h declares hardly anything"

"$readelf" -d "$library" | grep -q "SONAME.*\[$soname\]" || fail "$library: expected the SONAME $soname"
exported=$("$nm" -D --defined-only -P "$library" | awk '{print $1}' | sort -u)
expected=$(sed "s/\$/@@$node/" <<<"$declared"; echo "$node")
[ "$exported" = "$(sort -u <<<"$expected")" ] ||
  { diff <(sort -u <<<"$expected") <(echo "$exported"); fail "$library: exports other symbols than kiln.h declares"; }

for plugin in "$@"; do
  exported=$("$nm" -D --defined-only -P "$plugin" | awk '{print $1}' | sed 's/@.*//' | sort -u)
  grep -q '^kiln_sigmoid$' <<<"$exported" || fail "$plugin: does not export kiln_sigmoid, which it calls"
  if more=$(comm -23 <(echo "$exported") <(echo "$declared") | grep -Ev '^(plugin_|_init$|_fini$|__bss_start$|_edata$|_end$)'); then
    fail "$plugin: exports of libkiln.a what kiln.h does not declare:" $more
  fi
  if asked=$("$nm" -D --undefined-only -P "$plugin" | awk '{print $1}' | grep '^kiln_'); then
    fail "$plugin: asks other libraries for" $asked
  fi
done
