#include "copies.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace kiln::bench {

void copy_loop(float *__restrict to, const float *__restrict from, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

void copy_streaming(float *to, const float *from, size_t count) {
  size_t i = 0;
#if defined(__AVX__)
  for (; i + 8 <= count; i += 8) _mm256_stream_ps(to + i, _mm256_load_ps(from + i));
  _mm_sfence();
#elif defined(__SSE2__)
  for (; i + 4 <= count; i += 4) _mm_stream_ps(to + i, _mm_load_ps(from + i));
  _mm_sfence();
#endif
  for (; i < count; ++i) to[i] = from[i];
}

}  // namespace kiln::bench
