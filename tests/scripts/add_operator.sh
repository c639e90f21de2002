#!/usr/bin/env bash
# usage: add_operator.sh SOURCE_DIR CMAKE HALIDE_DIR HALIDE_HELPERS_DIR KERNEL_DIR WORK_DIR
# Adds hardtanh to a copy of the tree by its row, its algorithm and its oracle, as docs/working/adding-an-operator.md says, and runs the
# tests that every elementwise operator gets. Without the oracle, nothing links. hardtanh and layer_norm have shape classes
# there, and variants for two CPU families, of which one streams, whose kernels must give the same bits and the tasks of their
# grains. Kernels of which nothing changes are those of KERNEL_DIR.
set -euo pipefail
source=$1 cmake=$2 halide=$3 helpers=$4 kernels=$5 work=$6
show_and_fail() { tail -60 "$work/log"; fail "$@"; }
fail() { echo "add_operator: $*"; exit 1; }

rm -rf "$work"
mkdir -p "$work/tree"
cd "$source"
tar -cf - --exclude=./.git --exclude=./build --exclude='./.venv*' --exclude=./.sysroot . | tar -xf - -C "$work/tree"
cd "$work/tree"

# The row.
cat >>operators.toml <<'END'

[operator.hardtanh]
family = "elementwise"
formula = "min(max(x, -1), 1)"
torch = "hardtanh"
onnx = "Clip"
takes = ["input", "output"]
END

cat >generators/pointwise/hardtanh.cpp <<'END'
#include "pointwise.h"

namespace kiln::pointwise {

Result hardtanh(Real x, Accuracy) { return at_least(at_most(x, 1.0f), -1.0f); }

}  // namespace kiln::pointwise
END

# Classes for every CPU and variants for two families of the architecture, with numbers that no other entry has. They change
# kernels of layer_norm; the others are lent.
families_of() { sed -n "/^KILN_CPU(general/d; s/^KILN_CPU(\([a-z0-9_]*\), $1,.*/\1/p" families.def | uniq | head -2; }
mkdir "$work/kernels"
find "$kernels" -name 'kiln_kernel_*' -exec ln -s -t "$work/kernels" {} +
for target in $(sed -n 's/^KILN_TARGET(\([a-z0-9_]*\),.*/\1/p' targets.def); do
  architecture=$(sed -n "s/^KILN_TARGET($target, \([a-z0-9_]*\),.*/\1/p" targets.def)
  python3 - "schedules/$target.json" $(families_of "$architecture") <<'END' || fail "schedules/$target.json takes no classes"
import json, pathlib, sys

families = sys.argv[2:]
can_stream = pathlib.Path(sys.argv[1]).stem in ("x86_64_avx512", "x86_64_avx2")

def with_classes(entry, extents, **numbers):
    classes = [{"up_to": extent, "generator": {**entry["generator"], **numbers}, "runtime": {"grain": 7 * extent}}
               for extent in extents]
    return {**entry, "classes": classes}

def with_variants(entry, grain, families, **numbers):
    streams = can_stream and entry["generator"]["vector_width"] >= 4  # whole vector registers
    variants = [{"family": family, "generator": {**entry["generator"], **numbers}, "runtime": {"grain": grain * (i + 2)},
                 "streamed": streams and i == 0} for i, family in enumerate(families)]
    return {**entry, "variants": variants}

with open(sys.argv[1]) as file:
    schedules = json.load(file)
kernels = schedules["forward"]["float32"]
kernels["hardtanh.dense"] = with_classes(kernels["dense"], [10, 400], vector_width=2, interleave=3)
kernels["hardtanh.strided"] = with_classes(kernels["strided"], [5, 60], vector_width=2)
kernels["layer_norm.rows"] = with_classes(kernels["rows"], [16, 100], vector_width=4, rows=3, steps=2)
for name, numbers in (("hardtanh.dense", {"interleave": 5}), ("layer_norm.rows", {"rows": 2, "steps": 4})):
    classes = kernels[name]["classes"]
    classes[1] = with_variants(classes[1], 1120, families[1:], **numbers)
    kernels[name] = with_variants(kernels[name], 1312, families, **numbers)
with open(sys.argv[1], "w") as file:
    json.dump(schedules, file, indent=2)
END
  rm -f "$work"/kernels/kiln_kernel_layer_norm_forward_float32_rows_*_"$target".o
done

configure() { # less time for the compiler, as what it makes runs for seconds
  "$cmake" -S . -B build -G Ninja -DHalide_DIR="$halide" -DHalideHelpers_DIR="$helpers" -DKILN_BUILD_BENCH=OFF \
    -DKILN_BUILD_TOOL=OFF -DKILN_LENT_KERNELS="$work/kernels" -DCMAKE_CXX_FLAGS_RELEASE=-O1 >"$work/log" 2>&1 ||
    show_and_fail "the tree does not configure"
}
build() { "$cmake" --build build --target "$@" >"$work/log" 2>&1; }

# All but the link of the test, so that its failure can only be the oracle's lack.
configure
build kiln_archive || show_and_fail "the library does not build with the new row and algorithm"
if build elementwise_values_test; then fail "a missing oracle linked"; fi
grep -q 'undefined reference to .*hardtanh' "$work/log" || show_and_fail "the link failed for another reason"

cat >tests/oracle/hardtanh.cpp <<'END'
#include "oracle/oracle.h"

namespace kiln::oracle {

double hardtanh(double x) { return x > 1 ? 1 : x < -1 ? -1 : x; }

void hardtanh(mpfr_t result, const mpfr_t x) {
  const bool inside = mpfr_nan_p(x) || mpfr_cmpabs_ui(x, 1) <= 0;
  mpfr_set(result, x, MPFR_RNDN);
  if (!inside) mpfr_set_si(result, mpfr_signbit(x) ? -1 : 1, MPFR_RNDN);
}

}  // namespace kiln::oracle
END

# What else changed? Nothing may have had to.
tests="oracle elementwise_values elementwise_specials elementwise_layout errors overlap"
build $(printf '%s_test ' $tests references row_norm_layout schedules tables) ||
  show_and_fail "the tests do not build with row, algorithm and oracle"
# Values by hand are asked for by name.
for test in oracle elementwise_specials; do
  if "build/tests/${test}_test" --gtest_filter='*hardtanh*' >"$work/log" 2>&1; then fail "${test}_test misses no values by hand"; fi
  grep -q 'tests/support/values_by_hand.cpp has no hardtanh: add' "$work/log" ||
    show_and_fail "${test}_test does not say that values of hardtanh are missing"
done
python3 - tests/support/values_by_hand.cpp <<'END'
import sys

ROW = """\
      {"hardtanh",
       {{-2, -1}, {0, 0}, {2, 1}},
       {{0, 0}, {-0.0f, -0.0f}, {infinity, 1}, {-infinity, -1}, {smallest, smallest}, {0.75f, 0.75f}}},
"""
with open(sys.argv[1]) as file:
    head, begin, tail = file.read().partition("all = {\n")
with open(sys.argv[1], "w") as file:
    file.write(head + begin + ROW + tail)
END
build $(printf '%s_test ' $tests) || show_and_fail "the tests do not build with values by hand"
for test in $tests; do
  "build/tests/${test}_test" --gtest_filter='*hardtanh*' >"$work/log" 2>&1 || show_and_fail "${test}_test failed"
  grep -q '\[  PASSED  \] [1-9]' "$work/log" || show_and_fail "${test}_test ran nothing for hardtanh"
done
# What is still missing is named, with the command that makes it.
if build/tests/references_test --gtest_filter='*hardtanh*' >"$work/log" 2>&1; then fail "nothing misses digests of hardtanh"; fi
for missing in digests/samples.json digests/all_inputs.json data/torch; do
  grep -q "tests/$missing has no .*hardtanh.*: run scripts/update_references.sh hardtanh" "$work/log" ||
    show_and_fail "references_test does not say what makes tests/$missing"
done
for test in row_norm_layout schedules tables; do
  "build/tests/${test}_test" >"$work/log" 2>&1 || show_and_fail "${test}_test failed"
done

# The families' variants, whatever CPU this is. Every one has tests of its digests on its instruction set.
build digests_test || show_and_fail "digests_test does not build"
streaming=
if [ "$(uname -m)" = x86_64 ]; then
  streaming=build/tests/streaming_test
  build streaming_test || show_and_fail "streaming_test does not build"
fi
for family in $(families_of "$(uname -m)"); do
  export KILN_CPU_FAMILY=$family
  "$(dirname "$cmake")/ctest" --test-dir build -N >"$work/log"
  for isa in $(sed -n "s/^KILN_TARGET([a-z0-9_]*, $(uname -m), \([a-z0-9]*\),.*/\1/p" targets.def); do
    grep -q " digests\.$isa\.$family\$" "$work/log" || show_and_fail "no test holds the variants of $isa for $family to digests"
  done
  for test in elementwise_values elementwise_layout; do
    "build/tests/${test}_test" --gtest_filter='*hardtanh*' >"$work/log" 2>&1 || show_and_fail "${test}_test failed on $family"
  done
  "build/tests/digests_test" --gtest_filter='*/layer_norm_on_*' >"$work/log" 2>&1 || show_and_fail "other bits on $family"
  grep -q '\[  PASSED  \] [1-9]' "$work/log" || show_and_fail "digests_test ran nothing on $family"
  for test in row_norm_layout schedules; do
    "build/tests/${test}_test" >"$work/log" 2>&1 || show_and_fail "${test}_test failed on $family"
  done
  if [ "$streaming" ]; then
    "$streaming" --gtest_filter='*GivesTheSameBits/layer_norm_*:*GivesTheSameBits/hardtanh_*' >"$work/log" 2>&1 ||
      show_and_fail "other bits where $family streams"
    grep -q '\[  PASSED  \] [1-9]' "$work/log" || show_and_fail "streaming_test ran nothing on $family"
  fi
done
rm -rf "$work"
