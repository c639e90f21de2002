#!/usr/bin/env bash
# usage: check_conan.sh PYTHON SOURCE_DIR BUILD_DIR WORK_DIR
# `conan create` builds the recipe with one operator, and its test package links and runs. Skipped (77) where there is no
# Conan 2, beside PYTHON or on the path. BUILD_DIR lends its generators; Conan's cache is in WORK_DIR.
set -euo pipefail
python=$1 source=$2 build=$3 work=$4
fail() { echo "conan: $*"; exit 1; }
conan=$(PATH="$(dirname "$python"):$PATH" command -v conan) || { echo "conan: it is not installed (python -m pip install conan)"; exit 77; }
"$conan" --version | grep -q 'version 2\.' || { echo "conan: version 2 is needed"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
export CONAN_HOME=$work/home
cp -r "$source/packaging/conan/test_package" "$work"  # Conan builds in it
"$conan" profile detect >"$work/log" 2>&1 || { cat "$work/log"; fail "no profile"; }
lent=(-c "tools.cmake.cmaketoolchain:extra_variables={'KILN_HOST_BUILD': '$build', 'Python3_EXECUTABLE': '$python'}")
for shared in False True; do
  "$conan" create "$source/packaging/conan" --test-folder "$work/test_package" \
    -o "kiln/*:operators=sigmoid" -o "kiln/*:devices=none" -o "kiln/*:shared=$shared" \
    "${lent[@]}" >"$work/log" 2>&1 || { tail -40 "$work/log"; fail "the package cannot be created, shared=$shared"; }
  grep -q '^0.1192 0.5000 0.8808$' "$work/log" || { tail -20 "$work/log"; fail "the test package printed something else"; }
done
rm -rf "$work"
