#!/usr/bin/env bash
# usage: check_musl.sh PYTHON SOURCE_DIR HEADER_DIR ARCHIVE ARCHITECTURE SYMBOLS WORK_DIR
# The README's app is linked statically against musl by PyPI's ziglang, and runs; so is a program that needs every symbol
# of the list SYMBOLS. Skipped (77) where that Python has no ziglang.
set -euo pipefail
python=$1 source=$2 headers=$3 archive=$4 architecture=$5 symbols=$6 work=$7
read -ra runner <<<"${KILN_RUNNER:-}"
fail() { echo "musl: $*"; exit 1; }
"$python" -c 'import ziglang' 2>/dev/null || { echo "musl: $python has no ziglang (python -m pip install ziglang)"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
export ZIG_LOCAL_CACHE_DIR=$work/cache ZIG_GLOBAL_CACHE_DIR=$work/cache
zig() { "$python" -m ziglang cc -target "$architecture-linux-musl" -static "$@" >"$work/log" 2>&1 || { cat "$work/log"; return 1; }; }

awk '/^```c$/ {on = 1; next} /^```$/ {if (on) exit} on' "$source/README.md" >"$work/app.c"
grep -q kiln_sigmoid "$work/app.c" || fail "README.md has no app"
zig -I"$headers" "$work/app.c" "$archive" -o "$work/app" || fail "the README's app does not link"
output=$("${runner[@]}" "$work/app") || fail "the README's app failed: $output"
[ "$output" = "0.1192 0.5000 0.8808" ] || fail "the README's app printed: $output"

# Whatever part of the library an app takes, musl has what it needs.
names=$(awk -v kinds=" $architecture devices " '!/^#/ && $1 !~ /^_GLOBAL/ && (NF == 1 || index(kinds, " " $2 " ")) {print $1}' "$symbols")
{ for name in $names; do echo "extern char $name; void *use_$name = &$name;"; done; echo 'int main(void) { return 0; }'; } >"$work/all.c"
zig -fno-builtin -w "$work/all.c" -o "$work/all" || fail "musl lacks a symbol that the archive needs"
rm -rf "$work"
