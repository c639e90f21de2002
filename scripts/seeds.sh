#!/usr/bin/env bash
# usage: seeds.sh [SEED...]
# Whether faults that have been mended are found: each of tests/seeds takes a mending back, in a copy of the sources under
# build/seeds, and the fuzzer looks for it there until it finds something, or the test that the seed names must fail. Prints a
# row a seed: what it is, what looked for it, cases and seconds that it took, and what was found: of a test, the first assertion
# that fails. The exit status is 1 where one was not found; within MINUTES (5), which is also how long a test may hang.
# Kernels are those of build/release, but for the ones that a seed names.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
jobs=${JOBS:-$(nproc)} minutes=${MINUTES:-5} seeds=tests/seeds
work=$PWD/build/seeds copy=$PWD/build/seeds/source log=$PWD/build/seeds/log
status=0

# Gives the seed's line of that name.
of_seed() { sed -n "s/^# $2: //p" "$seeds/$1.sed"; }
# Brings the copy to what the sources are; only what is another gets another time.
restore_copy() {
  git ls-files -z | while IFS= read -rd '' file; do
    cmp -s "$file" "$copy/$file" || install -D "$file" "$copy/$file"
  done
}
configure() {
  local flags=()
  case $1 in
    release) flags=(-DCMAKE_BUILD_TYPE=Release "-DKILN_HOST_BUILD=$PWD/build/release") ;;
    sanitize) flags=(--preset sanitize "-DKILN_HOST_BUILD=$PWD/build/release") ;;
    kernels) flags=(-DCMAKE_BUILD_TYPE=Release) ;;
  esac
  cmake -S "$copy" -B "$work/$1" -G Ninja "-DCMAKE_PREFIX_PATH=$PWD/.venv/halide" -DKILN_BUILD_BENCH=OFF "${flags[@]}"
}
# Makes the kernels of a stage by its own generator, without the other generators that ninja would bring up to date, and
# puts them in the place of the others.
make_kernels() {
  local stage=$1 kernel
  configure kernels && ninja -C "$work/kernels" -j "$jobs" "generators/kiln_generate_$stage" || return 1
  ninja -C "$work/kernels" -t targets all | sed -n "s/^\(kernels\/kiln_kernel_${stage}_[^:]*\.o\):.*/\1/p" >"$work/names"
  while IFS= read -r kernel; do
    ninja -C "$work/kernels" -t commands "$kernel" | tail -n 1 | bash && cp "$work/kernels/$kernel" "$work/release/kernels/" ||
      return 1
  done <"$work/names"
  [ -s "$work/names" ]
}
build() {
  local seed=$1 build=$2 file stage
  for file in $(of_seed "$seed" files); do
    sed -f "$seeds/$seed.sed" "$file" >"$copy/$file"
    ! cmp -s "$file" "$copy/$file" || { echo "the seed changes nothing in $file"; return 1; }
  done
  configure "$build" || return 1
  stage=$(of_seed "$seed" kernels)
  [ -z "$stage" ] || make_kernels "$stage" || return 1
  local targets=(kiln_fuzz) test
  [ "$(of_seed "$seed" target)" != npy ] || targets+=(kiln_tool)
  test=$(of_seed "$seed" test)
  [ -z "$test" ] || targets=("${test%%.*}_test")
  cmake --build "$work/$build" -j "$jobs" --target "${targets[@]}"
}
# Prints what the fuzzer does and finds.
fuzz() {
  local build=$1 target=$2 found cases
  rm -rf "$work/faults"
  UBSAN_OPTIONS=print_stacktrace=1 "$work/$build/tests/fuzz/kiln_fuzz" "$target" --first --time "${minutes}m" \
    --seed "${KILN_FUZZ_SEED:-1}" --faults "$work/faults" >"$log" 2>&1
  found=$(sed -n 's/^[a-z]*: fault 1: //p' "$log") cases=$(tail -n 1 "$log" | sed 's/^[a-z]*: \(.*\), [0-9]*\/s.*/\1/')
  echo "$target, $build | $cases | ${found:-not found}"
  [ -n "$found" ]
}
# Prints the test's first assertion that fails, and how it reads in the sources.
fail() {
  local build=$1 test=$2 start=$SECONDS name place text
  GTEST_FAIL_FAST=1 ctest --test-dir "$work/$build" -R "^${test//./\\.}\$" --stop-time "$(date -d "+$minutes min" +%T)" \
    --output-on-failure >"$log" 2>&1
  local failed=$?
  name=$(awk '/^([0-9]*: )?\[ RUN / { name = $NF } /: Failure$/ { exit } END { print name }' "$log")
  place=$(sed -n 's/^\(.*:[0-9]*\): Failure$/\1/p' "$log" | head -n 1)
  text="not found"
  if [ -n "$place" ]; then
    text="$name: $(sed -n "${place##*:}s/^ *//p" "${place%:*}")"
  elif [ $failed != 0 ]; then
    text="$name: $(sed -n 's/.*\*\*\* *\(Exception: \|\)\([^ ]*\).*/\1\2/p' "$log" | head -n 1)"
  fi
  echo "$test, $build | $((SECONDS - start)) seconds | $text"
  [ $failed != 0 ] && [ -n "$name" ]
}
try() {
  local seed=$1 build target test stage row found=0
  build=$(of_seed "$seed" build) target=$(of_seed "$seed" target) test=$(of_seed "$seed" test)
  restore_copy
  if ! build "$seed" "$build" >"$log" 2>&1; then
    echo "$seed: it does not build: $(tail -n 1 "$log")"
    return 1
  fi
  if [ -n "$test" ]; then row=$(fail "$build" "$test") || found=1; else row=$(fuzz "$build" "$target") || found=1; fi
  stage=$(of_seed "$seed" kernels)
  [ -z "$stage" ] || rm -f "$work/release/kernels/kiln_kernel_${stage}_"*.o
  echo "$seed | $(of_seed "$seed" what) | $row"
  return $found
}

[ $# -gt 0 ] || set -- $(cd "$seeds" && ls -- *.sed | sed 's/\.sed$//')
mkdir -p "$copy"
for seed; do try "$seed" || status=1; done
exit $status
