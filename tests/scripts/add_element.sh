#!/usr/bin/env bash
# usage: add_element.sh SOURCE_DIR CMAKE HALIDE_DIR HALIDE_HELPERS_DIR KERNEL_DIR MPFR_INCLUDE_DIR WORK_DIR
# Adds an element type to a copy of the tree as docs/working/adding-a-target.md says: a row, a load and a store, the tests' own definition,
# and its name where hardsigmoid takes it. The type is a toy of 16 bits, with 6 of exponent. Every one of its words goes through
# hardsigmoid, and results are held to the oracle. Kernels of which nothing changes are those of KERNEL_DIR.
set -euo pipefail
source=$1 cmake=$2 halide=$3 helpers=$4 kernels=$5 mpfr=$6 work=$7 toy=float16_e6m9
fail() { echo "add_element: $*"; exit 1; }
show_and_fail() { tail -60 "$work/log"; fail "$@"; }

rm -rf "$work"
mkdir -p "$work/tree"
cd "$source"
tar -cf - --exclude=./.git --exclude=./build --exclude='./.venv*' --exclude=./.sysroot . | tar -xf - -C "$work/tree"
cd "$work/tree"

configure() { # less time for the compiler, as what it makes runs for seconds
  "$cmake" -S . -B build -G Ninja -DHalide_DIR="$halide" -DHalideHelpers_DIR="$helpers" -DKILN_OPERATORS=hardsigmoid \
    -DKILN_DEVICES=none -DKILN_LENT_KERNELS="$kernels" -DCMAKE_CXX_FLAGS_RELEASE=-O0 >"$work/log" 2>&1
}
# FILE, the line that something comes before, as a regular expression of grep; what comes is read.
insert() {
  local line
  line=$(grep -nm 1 -- "$2" "$1" | cut -d: -f1) || fail "$1 has no line '$2'"
  sed -i "$((line - 1))r /dev/stdin" "$1"
}

# A type that no table has is refused, by name.
sed -i "/^\[operator.hardsigmoid\]/,/^\$/{/^dtypes = /d; s/^\[.*/&\ndtypes = [\"float32\", \"$toy\"]/}" operators.toml
if configure; then fail "a type that elements.def lacks was accepted"; fi
grep -q "got '$toy'" "$work/log" || show_and_fail "the type is not named"

# 1. The row.
insert elements.def '^#undef' <<<"KILN_ELEMENT($toy, kDLOpaqueHandle, 16, \"dense\", \"\")"

# 2. The load and the store: float16's, with other constants.
insert generators/math/element.cpp '^}  // namespace$' <<'END'
constexpr uint32_t kToyBias = (127 - 31) << 23, kToyLeastNormal = (127 - 30) << 23, kToyBeyond = (127 + 32) << 23;
constexpr float kToyHalf = 0x1p-16f;  // its last place is the toy's least number, 2^-39

Real from_toy(const Expr &stored) {
  const Expr word = Halide::cast(UInt(32), stored), magnitude = word & word32(0x7fff);
  const Expr normal = (magnitude << word32(14)) + word32(kToyBias);
  const Expr small = bits(from_bits(normal + word32(1u << 23)) - from_bits(word32(kToyLeastNormal)));
  const Expr finite = Halide::select(magnitude < word32(0x200), small, normal);
  const Expr all = Halide::select(magnitude < word32(0x7e00), finite, normal + word32(kToyBias));
  return from_bits(all | ((word & word32(0x8000)) << word32(16)));
}

Expr to_toy(const Real &value, const std::optional<Real> &rest) {
  const Expr magnitude = Halide::min(rest ? odd_magnitude(value, *rest) : magnitude_of(value), word32(kToyBeyond));
  const Expr drop = word32(14);
  const Expr normal = (magnitude - word32(kToyBias - 0x1fff) + ((magnitude >> drop) & word32(1))) >> drop;
  const Expr small = bits(from_bits(magnitude) + kToyHalf) - bits(Real(kToyHalf));
  const Expr rounded = Halide::select(magnitude < word32(kToyLeastNormal), small, normal);
  return half_word(rounded | ((bits(value) & word32(0x80000000u)) >> word32(16)));
}

END
insert generators/math/element.cpp 'an element type without a load' <<END
  if (element == Element::$toy) return from_toy(stored);
END
insert generators/math/element.cpp 'an element type without a store' <<END
  if (element == Element::$toy) return Halide::select(is_number, to_toy(value, rest), half_word(word32(0x7f00)));
END

# 3. The numbers of its schedules: float16's.
for schedule in schedules/*.json; do
  python3 - "$schedule" "$toy" <<'END'
import json, sys

with open(sys.argv[1]) as file:
    schedules = json.load(file)
if "float16" in schedules["forward"]:
    schedules["forward"][sys.argv[2]] = schedules["forward"]["float16"]
with open(sys.argv[1], "w") as file:
    json.dump(schedules, file, indent=2)
END
done

# 4. What the tests know of it: digits, least exponent, NaN.
insert tests/oracle/narrow.cpp '^  };$' <<<"      {\"$toy\", 10, -30, 0x7f00},"

configure || show_and_fail "the tree does not configure"
"$cmake" --build build --target kiln_archive >"$work/log" 2>&1 || show_and_fail "the library does not build with the new type"
grep -q "kiln_link_hardsigmoid_$toy" build/generated/include/kiln/kiln.h || fail "kiln.h has no function that links its kernels"

# Only the type's own kernels were made.
made=$(sed -n 's/^\[.*\] Kernel //p' "$work/log")
[ -n "$made" ] || show_and_fail "no kernel was made"
if grep -v " $toy " <<<"$made"; then fail "other kernels than those of $toy were made"; fi

c++ -std=c++17 -O1 -ffp-contract=off -I"$mpfr" -Itests -Ibuild/generated -Ibuild/generated/include tests/programs/element.cpp \
  tests/oracle/narrow.cpp tests/oracle/hardsigmoid.cpp build/lib/libkiln.a "-Wl,-u,kiln_link_hardsigmoid_$toy" -lmpfr -lgmp \
  -lpthread -o "$work/element" >"$work/log" 2>&1 || show_and_fail "the test of its words does not build"
"$work/element" "$toy" >"$work/log" 2>&1 || show_and_fail "wrong words"
grep -q "^$toy: [1-9][0-9]* instruction sets, 0 wrong results$" "$work/log" || show_and_fail "its words were not tried"
cat "$work/log"
rm -rf "$work"
