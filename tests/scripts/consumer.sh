#!/usr/bin/env bash
# usage: consumer.sh SOURCE_DIR BUILD_DIR CMAKE CC WORK_DIR [CMAKE_OPTION...]
# Installs into WORK_DIR, moves the tree to another place, and builds and runs examples/ against it alone: in C through
# pkg-config, in C++ through find_package. KILN_LIBRARIES: what is installed, libkiln.so or the archives.
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

[ "$(find "$prefix/include" -type f | sed "s|$prefix/include/||" | sort | tr '\n' ' ')" = \
  "kiln/context.hpp kiln/element.hpp kiln/error.hpp kiln/kiln.h kiln/kiln.hpp kiln/kiln_dlpack.h kiln/memory.hpp kiln/operators.hpp kiln/view.hpp " ] || fail "other headers are installed: $(find "$prefix/include")"
# Into a prefix that has a dlpack.h, which stays.
mkdir -p "$work/shared/include/dlpack"
cp "$source/tests/dlpack/1.3/dlpack/dlpack.h" "$work/shared/include/dlpack"
"$cmake" --install "$build" --prefix "$work/shared" >"$work/log" 2>&1 || show_and_fail "a second install failed"
cmp "$source/tests/dlpack/1.3/dlpack/dlpack.h" "$work/shared/include/dlpack/dlpack.h" || fail "a dlpack.h was overwritten"
rm -r "$work/shared"
[ "$(find "$prefix" -name 'libkiln*' -type f -printf '%f\n' | sed 's/\.so\..*/.so/' | sort | tr '\n' ' ')" = "$KILN_LIBRARIES " ] ||
  fail "expected $KILN_LIBRARIES to be installed, got $(find "$prefix" -name 'libkiln*')"
if [ "$KILN_LIBRARIES" = libkiln.so ]; then export LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name libkiln.so)"); fi
cmp "$source/LICENSE" "$(find "$prefix" -name LICENSE)" || fail "LICENSE is not installed"
for header in "$prefix"/include/kiln/*; do
  grep -q 'SPDX-License-Identifier: MIT' "$header" || fail "$header does not name its licence"
done
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
"$cc" "$source/examples/c/main.c" $(pkg-config --cflags --libs kiln-devices) -o "$work/c_devices" ||
  fail "the C example does not build with kiln-devices"
output=$("${runner[@]}" "$work/c_devices") || fail "the C example with kiln-devices failed: $output"
[ "$output" = "0.1192 0.5000 0.8808" ] || fail "the C example with kiln-devices printed: $output"
if [ "$KILN_LIBRARIES" != libkiln.so ]; then
  grep -q clGetPlatformIDs "$work/c_devices" || fail "the C example with kiln-devices has no devices"
  if grep -q clGetPlatformIDs "$work/c_example"; then fail "the C example has devices that it did not ask for"; fi
fi

# Builds the C++ example of that folder; $program is its program.
build_in_cpp() {
  local tree=$work/$1
  mkdir "$tree"
  cp -r "$source/examples/$1/." "$tree"
  env -u CMAKE_PREFIX_PATH "$cmake" -S "$tree" -B "$tree/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF "${options[@]}" >"$work/log" 2>&1 ||
    show_and_fail "examples/$1 does not configure"
  grep -q "^Kiln_DIR:PATH=$prefix" "$tree/build/CMakeCache.txt" || fail "find_package took another Kiln than $prefix"
  "$cmake" --build "$tree/build" >"$work/log" 2>&1 || show_and_fail "examples/$1 does not build"
  program=$(find "$tree/build" -maxdepth 1 -type f -perm -u+x ! -name '*.*' | head -1)
  [ -n "$program" ] || fail "examples/$1 made no program"
}
options=("$@")
build_in_cpp cpp
output=$("${runner[@]}" "$program") || fail "the C++ example failed: $output"
[ -n "$output" ] || fail "the C++ example printed nothing"
build_in_cpp train
output=$("${runner[@]}" "$program") || fail "the example of training failed: $output"
[ "$output" = "$(cat "$source/examples/train/expected.txt")" ] || fail "the example of training printed: $output"

# The package refuses another version, takes its own, ranges and components.
cat >"$work/cpp/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.19)
project(versions LANGUAGES C)
find_package(Kiln $version EXACT REQUIRED)
find_package(Kiln 99.0 QUIET)
if(Kiln_FOUND)
  message(FATAL_ERROR "find_package(Kiln 99.0) was satisfied")
endif()
foreach(range 0.1...<1.0 0.0.1...1.0 $version...<99 $version...$version)
  find_package(Kiln \${range} REQUIRED)
endforeach()
foreach(range 0.0.1...<$version 99.0...<100)
  find_package(Kiln \${range} QUIET)
  if(Kiln_FOUND)
    message(FATAL_ERROR "find_package(Kiln \${range}) was satisfied")
  endif()
endforeach()
find_package(Kiln REQUIRED COMPONENTS cpu devices cuda opencl)
find_package(Kiln QUIET COMPONENTS abacus)
if(Kiln_FOUND)
  message(FATAL_ERROR "the component abacus was found")
endif()
find_package(Kiln REQUIRED OPTIONAL_COMPONENTS abacus)
add_executable(both $source/examples/c/main.c)
target_link_libraries(both PRIVATE Kiln::devices)
END
"$cmake" -S "$work/cpp" -B "$work/cpp/versions" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" "$@" >"$work/log" 2>&1 ||
  show_and_fail "the package's versions or components are wrong"
"$cmake" --build "$work/cpp/versions" >"$work/log" 2>&1 || show_and_fail "an app does not build with Kiln::devices"
"${runner[@]}" "$work/cpp/versions/both" >/dev/null || fail "an app with Kiln::devices does not run"

# The tool, where it was built, runs from its new place.
if [ -e "$prefix/bin/kiln" ]; then
  "${runner[@]}" "$prefix/bin/kiln" info >/dev/null || fail "the installed tool does not run"
fi
rm -rf "$work"
