#!/usr/bin/env bash
# usage: check_choices.sh SOURCE_DIR BUILD_DIR CMAKE ISA QEMU WORK_DIR
# A library of one operator and one target, without devices, shared: it has those and nothing else, its CMake package links
# it, and on a CPU that lacks the target it says so. Names that no table has are refused. BUILD_DIR lends its generators.
set -euo pipefail
source=$1 build=$2 cmake=$3 isa=$4 qemu=$5 work=$6
fail() { echo "choices: $*"; exit 1; }
show_and_fail() { tail -30 "$work/log"; fail "$@"; }
configure() { # FOLDER OPTION...
  local folder=$1
  shift
  "$cmake" -S "$source" -B "$folder" -G Ninja -DKILN_HOST_BUILD="$build" "$@" >"$work/log" 2>&1
}
rm -rf "$work"
mkdir -p "$work"

for wrong in KILN_OPERATORS=sigmoid,sigmund KILN_TARGETS=abacus KILN_DEVICES=abacus; do
  rm -rf "$work/wrong"
  if configure "$work/wrong" -D$wrong; then fail "$wrong was accepted"; fi
  tr '\n' ' ' <"$work/log" | tr -s ' ' | grep -q "${wrong%=*}: expected some of .*got.* \(sigmund\|abacus\)" ||
    show_and_fail "$wrong is not named, with what there is"
done

# The library alone needs none of the packages that tool, tests and benchmark need.
packages=()
for package in GTest CLI11 nlohmann_json benchmark PkgConfig; do packages+=(-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON); done
configure "$work/alone" -DKILN_BUILD_TOOL=OFF -DKILN_BUILD_BENCH=OFF -DBUILD_TESTING=OFF "${packages[@]}" ||
  show_and_fail "the library alone does not configure"
if grep KILN_MPFR "$work/alone/CMakeCache.txt"; then fail "the library alone looks for MPFR"; fi
"$cmake" --build "$work/alone" -- -t commands >"$work/log" 2>&1 || show_and_fail "the library alone cannot be built"
grep -q libkiln.a "$work/log" || show_and_fail "the library alone is not in its build"
if grep -E " $source/(tools|tests|bench)/" "$work/log"; then fail "the library alone has these parts"; fi

configure "$work/build" -DKILN_OPERATORS=sigmoid -DKILN_TARGETS="$isa" -DKILN_DEVICES=none -DBUILD_SHARED_LIBS=ON ||
  show_and_fail "a build of one operator does not configure"
"$cmake" --build "$work/build" >"$work/log" 2>&1 || show_and_fail "a build of one operator does not build"
"$cmake" --install "$work/build" --prefix "$work/prefix" >"$work/log" 2>&1 || show_and_fail "it does not install"
if find "$work/prefix" -name '*devices*' | grep .; then fail "devices are installed that were not asked for"; fi

mkdir "$work/app"
cat >"$work/app/main.c" <<'END'
#include <kiln/kiln.h>
#include <stdio.h>
int main(void) {
  float x[3] = {-2, 0, 2};
  int64_t shape[1] = {3}, i;
  DLTensor t = {.data = x, .device = {kDLCPU, 0}, .ndim = 1, .dtype = {kDLFloat, 32, 1}, .shape = shape};
  kiln_kernel_info kernel;
  for (i = 0; kiln_kernel_at(i, &kernel) == KILN_STATUS_OK; ++i) printf("%s %s %s\n", kernel.op, kernel.isa, kernel.device);
  if (kiln_sigmoid(NULL, &t, &t) != KILN_STATUS_OK) {
    puts(kiln_last_error());
    return 2;
  }
  printf("%.4f %.4f %.4f\n", x[0], x[1], x[2]);
  t.device.device_type = kDLCUDA;
  if (kiln_sigmoid(NULL, &t, &t) != KILN_STATUS_UNSUPPORTED) return 3;
  puts(kiln_last_error());
  return 0;
}
END
cat >"$work/app/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.19)
project(app LANGUAGES C)
find_package(Kiln 0.1...<1.0 REQUIRED)
find_package(Kiln QUIET COMPONENTS devices)
if(Kiln_FOUND OR TARGET Kiln::devices)
  message(FATAL_ERROR "the component devices was found")
endif()
add_executable(app main.c)
target_link_libraries(app PRIVATE Kiln::kiln)
END
"$cmake" -S "$work/app" -B "$work/app/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1 ||
  show_and_fail "an app does not configure"
"$cmake" --build "$work/app/build" >"$work/log" 2>&1 || show_and_fail "an app does not build"
app=$work/app/build/app
readelf -d "$app" | grep -q 'NEEDED.*libkiln\.so\.' || fail "the app does not need libkiln.so by its SONAME"

case $(grep -c " $isa" /proc/cpuinfo) in
  0) echo "this CPU has no $isa: the app was not run" ;;
  *)
    output=$("$app") || fail "the app failed: $output"
    kernels=$(grep "^[a-z]* $isa" <<<"$output" | sort -u)
    [ "$kernels" = "sigmoid $isa cpu" ] || fail "expected kernels of sigmoid for $isa alone, got $kernels"
    grep -q '^0.1192 0.5000 0.8808$' <<<"$output" || fail "the app printed $output"
    [ "$(wc -l <<<"$output")" = "$(($(grep -c "^sigmoid $isa cpu\$" <<<"$output") + 2))" ] || fail "other kernels are built: $output"
    grep -q 'kDLCPU.*got device type 2$' <<<"$output" || fail "a tensor on CUDA was refused otherwise: $output"
    ;;
esac
if [ -n "$qemu" ] && [ "$isa" = avx2 ]; then
  code=0
  output=$("$qemu" -cpu Nehalem "$app" 2>/dev/null) || code=$?
  [ $code = 2 ] && grep -q "expected a CPU that has one of avx2" <<<"$output" || fail "without $isa the app gave $code: $output"
fi
rm -rf "$work"
