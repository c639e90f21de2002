#!/usr/bin/env bash
# usage: sanitize.sh
# What `make sanitize` runs: the tests under AddressSanitizer and UndefinedBehaviorSanitizer, then those of several threads
# under ThreadSanitizer. Both builds take their kernels from build/release: sanitizers do not see inside of kernels, guard
# pages do (tests/fuzz).
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
jobs=${JOBS:-$(nproc)}
status=0
rm -f build/sanitize/tests.xml build/thread-sanitize/tests.xml

# By name, with the reason:
# qemu.*, verify.*, cli.verify*  AddressSanitizer's addresses do not fit under qemu; MPFR keeps its caches
# symbols, abi, shared  are of the libraries that are released
# large, spans       limit or reserve addresses that the sanitizer has taken
# fp_traps           the sanitizer's own code raises what is trapped
# consumer, dlpack, cpp_header.compile, add_*, tables.operators, coexistence.*  build other programs, without sanitizers
# oracle, bench.*, tune.*, docs, readme, ptx*, setup, tree_size  are no code of the library
# device_faults.opencl  a release that fails on purpose leaves PoCL's memory, which is a leak; the simulator's is run
# *.avx512, *.avx2   run what *.baseline runs but for the kernels, which sanitizers do not see inside of
without='\.(avx512|avx2)$|^(qemu\.|device_faults\.opencl|verify\.|cli\.verify|symbols|abi|shared|large|spans|fp_traps|consumer|dlpack|cpp_header\.compile|add_|tables\.operators|coexistence|oracle|bench|tune|docs|readme|setup|tree_size|ptx|cuda_simulator\.(halide|ptxas))'

cmake --build build/release -j "$jobs" --target kiln kiln_generators || exit 1
cmake --preset sanitize && cmake --build build/sanitize -j "$jobs" || exit 1
# Forks during calls are left out too: a child may find the lock of the sanitizer's own allocator held, and waits for ever.
GTEST_FILTER=-Fork.DuringCalls:*Forks* ASAN_OPTIONS=detect_stack_use_after_return=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
  ctest --test-dir build/sanitize -j "$jobs" --output-on-failure -E "$without" --output-junit tests.xml || status=1

threads=(concurrency_test context_test scratch_cache_test kiln_fuzz)
cmake --preset thread-sanitize && cmake --build build/thread-sanitize -j "$jobs" --target "${threads[@]}" || exit 1
# A process with threads that forks is what ThreadSanitizer ends, unless it is told not to.
TSAN_OPTIONS=die_after_fork=0 ctest --test-dir build/thread-sanitize -j "$jobs" --output-on-failure \
  -R '^(concurrency|context|scratch_cache|fuzz\.sequence)$' --output-junit tests.xml || status=1
python3 scripts/test_summary.py sanitize=build/sanitize/tests.xml thread-sanitize=build/thread-sanitize/tests.xml && exit $status
