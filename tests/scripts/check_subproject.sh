#!/usr/bin/env bash
# usage: check_subproject.sh SOURCE_DIR BUILD_DIR CMAKE PYTHON WORK_DIR
# Kiln as a part of another project, by add_subdirectory and by FetchContent: the library alone, and no install rules, tests
# or settings for the project around it. Halide is found beside Python, or one line says what to do. BUILD_DIR lends its
# generators where something is built.
set -euo pipefail
source=$1 build=$2 cmake=$3 python=$4 work=$5
fail() { echo "subproject: $*"; exit 1; }
show_and_fail() { tail -30 "$work/log"; fail "$@"; }
rm -rf "$work"
mkdir -p "$work/add"
unset CMAKE_PREFIX_PATH Halide_ROOT Halide_DIR

cat >"$work/add/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.28)
project(app LANGUAGES C CXX)
add_subdirectory($source kiln)
add_executable(app $source/examples/c/main.c)
target_link_libraries(app PRIVATE Kiln::kiln)
install(TARGETS app)
if(DEFINED BUILD_TESTING OR CMAKE_CXX_STANDARD OR CMAKE_BUILD_TYPE)
  message(FATAL_ERROR "Kiln changes the settings of the project around it")
endif()
foreach(target kiln_tool kiln_bench kiln_oracle kiln_test_support)
  if(TARGET \${target})
    message(FATAL_ERROR "\${target} is built as a part of another project")
  endif()
endforeach()
END
small="-DKILN_OPERATORS=sigmoid -DKILN_TARGETS=${KILN_ISA_OF_TEST:-baseline} -DKILN_DEVICES=none"

try() { # FOLDER GENERATOR INSTALLED
  local tree="$work/build"
  rm -rf "$tree" "$work/prefix"
  "$cmake" -S "$1" -B "$tree" -G "$2" $small -DKILN_HOST_BUILD="$build" -DPython3_EXECUTABLE="$python" >"$work/log" 2>&1 ||
    show_and_fail "$1, $2: does not configure"
  "$cmake" --build "$tree" --target app >"$work/log" 2>&1 || show_and_fail "$1, $2: does not build"
  [ "$("$tree/app")" = "0.1192 0.5000 0.8808" ] || fail "$1, $2: the app printed $("$tree/app")"
  "$cmake" --build "$tree" >"$work/log" 2>&1 || show_and_fail "$1, $2: does not build as a whole"
  "$cmake" --install "$tree" --prefix "$work/prefix" >"$work/log" 2>&1 || show_and_fail "$1, $2: does not install"
  [ "$(cd "$work" && find prefix -type f 2>/dev/null)" = "$3" ] || fail "$1, $2: Kiln installs itself with the app"
}
try "$work/add" Ninja prefix/bin/app
if command -v make >/dev/null; then try "$work/add" "Unix Makefiles" prefix/bin/app; fi
try "$source/examples/fetch" Ninja ""

# Halide, where nothing says where it is: in the wheel of the Python that is found.
if "$python" -c 'import importlib.util as u; exit(u.find_spec("halide") is None)'; then
  "$cmake" -S "$work/add" -B "$work/wheel" -G Ninja $small -DPython3_EXECUTABLE="$python" >"$work/log" 2>&1 ||
    show_and_fail "Halide is not found in the wheel of $python"
  rm -rf "$work/wheel"
fi
# A module of that name in front hides the wheel; a Halide of the system's is hidden by its name.
mkdir "$work/hidden"
touch "$work/hidden/halide.py"
if PYTHONPATH=$work/hidden "$cmake" -S "$work/add" -B "$work/missing" -G Ninja $small -DPython3_EXECUTABLE="$python" \
  -DCMAKE_DISABLE_FIND_PACKAGE_Halide=ON >"$work/log" 2>&1; then fail "configured without Halide"; fi
grep -q 'Kiln: needs Halide 21: pip install halide==21.0.0 .*-DHalide_ROOT=' "$work/log" ||
  show_and_fail "without Halide, no line says what to do"
rm -rf "$work"
