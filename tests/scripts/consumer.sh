#!/usr/bin/env bash
# usage: consumer.sh SOURCE_DIR BUILD_DIR CMAKE CC WORK_DIR [CMAKE_OPTION...]
# Installs into WORK_DIR, moves the tree to another place, and builds and runs examples/ against it alone: in C through
# pkg-config, in C++ through find_package.
set -euo pipefail
source=$1 build=$2 cmake=$3 cc=$4 work=$5
shift 5
read -ra runner <<<"${KILN_RUNNER:-}"
show_and_fail() { cat "$work/log"; fail "$@"; }
fail() { echo "consumer: $*"; exit 1; }

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/first" >"$work/log" 2>&1 || show_and_fail "install failed"
mv "$work/first" "$work/moved"
prefix=$work/moved

for file in include/kiln/kiln.h include/kiln/kiln.hpp include/dlpack/dlpack.h; do
  [ -f "$prefix/$file" ] || fail "$file is not installed"
done
[ "$(ls "$prefix/include/kiln")" = "kiln.h
kiln.hpp" ] || fail "other headers are installed: $(ls "$prefix/include/kiln")"
archive=$(find "$prefix" -name libkiln.a)
[ -n "$archive" ] || fail "libkiln.a is not installed"
pc=$(find "$prefix" -name kiln.pc)
[ -n "$pc" ] || fail "kiln.pc is not installed"
config=$(find "$prefix" -name KilnConfig.cmake)
[ -n "$config" ] || fail "KilnConfig.cmake is not installed"

# No text file names the place of the sources, of the build or of the first prefix.
for place in "$source" "$build" "$work/first"; do
  if named=$(grep -rIlF -- "$place" "$prefix"); then fail "$place is named in" $named; fi
done

# Only the moved tree: no headers of the system's beside the C and C++ libraries'.
export PKG_CONFIG_LIBDIR=$(dirname "$pc")
unset PKG_CONFIG_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH
flags=$(pkg-config --cflags --libs kiln) || fail "pkg-config finds no kiln"
case $flags in *"$prefix"*) ;; *) fail "pkg-config names another place than $prefix: $flags" ;; esac
"$cc" "$source/examples/c/main.c" $flags -o "$work/c_example" || fail "the C example does not build with: $flags"
output=$("${runner[@]}" "$work/c_example") || fail "the C example failed: $output"
[ "$output" = "0.1192 0.5000 0.8808" ] || fail "the C example printed: $output"
version=$(pkg-config --modversion kiln)

mkdir "$work/cpp"
cp -r "$source/examples/cpp/." "$work/cpp"
env -u CMAKE_PREFIX_PATH "$cmake" -S "$work/cpp" -B "$work/cpp/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF "$@" >"$work/log" 2>&1 || show_and_fail "the C++ example does not configure"
grep -q "^Kiln_DIR:PATH=$prefix" "$work/cpp/build/CMakeCache.txt" || fail "find_package took another Kiln than $prefix"
"$cmake" --build "$work/cpp/build" >"$work/log" 2>&1 || show_and_fail "the C++ example does not build"
program=$(find "$work/cpp/build" -maxdepth 1 -type f -perm -u+x ! -name '*.*' | head -1)
[ -n "$program" ] || fail "the C++ example made no program"
output=$("${runner[@]}" "$program") || fail "the C++ example failed: $output"
[ -n "$output" ] || fail "the C++ example printed nothing"

# The package refuses another minor version, and takes its own.
cat >"$work/cpp/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(versions LANGUAGES C)
find_package(Kiln $version EXACT REQUIRED)
find_package(Kiln 99.0 QUIET)
if(Kiln_FOUND)
  message(FATAL_ERROR "find_package(Kiln 99.0) was satisfied")
endif()
END
"$cmake" -S "$work/cpp" -B "$work/cpp/versions" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" "$@" >"$work/log" 2>&1 ||
  show_and_fail "the package's version is wrong"

# The tool, where it was built, runs from its new place.
if [ -e "$prefix/bin/kiln" ]; then
  "${runner[@]}" "$prefix/bin/kiln" info >/dev/null || fail "the installed tool does not run"
fi
rm -rf "$work"
