#include "copies.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace kiln::bench {

void copy_loop(Word *__restrict to, const Word *__restrict from, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

void copy_streaming(Word *to, const Word *from, size_t count) {
  size_t i = 0;
  for (; i < count && reinterpret_cast<uintptr_t>(to + i) % 64; ++i) to[i] = from[i];
#if defined(__AVX__)
  for (; i + 16 <= count; i += 16)
    _mm256_stream_si256(reinterpret_cast<__m256i *>(to + i),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from + i)));
  _mm_sfence();
#elif defined(__SSE2__)
  for (; i + 8 <= count; i += 8)
    _mm_stream_si128(reinterpret_cast<__m128i *>(to + i), _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + i)));
  _mm_sfence();
#endif
  for (; i < count; ++i) to[i] = from[i];
}

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kVectorBytes)));
constexpr int kLanes = kVectorBytes / sizeof(float);
constexpr int kChains = 10;  // a latency of 4 or 5 cycles on two pipes; 10 accumulators and 2 factors fit 16 registers

}  // namespace

int64_t multiply_adds_a_turn() { return kChains * kLanes; }

// Loops over the chains are unrolled, so that every index is a constant and the chains stay in registers.
float multiply_add(int64_t turns) {
  Vector sums[kChains], factor = Vector{} + 0.999999f, term = Vector{} + 1e-6f, total{};
#pragma GCC unroll 10
  for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + static_cast<float>(i);
  for (int64_t t = 0; t < turns; ++t) {
#pragma GCC unroll 10
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * factor + term;
  }
#pragma GCC unroll 10
  for (int i = 0; i < kChains; ++i) total += sums[i];
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += total[lane];
  return sum;
}

}  // namespace kiln::bench
