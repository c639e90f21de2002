// What every operator is held against, compiled for the CPU at hand: moving the tensor, and multiplying and adding
// alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kiln::bench {

// What copies move: the smallest element, of which others have several.
using Word = uint16_t;

// A plain loop, which the compiler makes a loop of vectors.
void copy_loop(Word *__restrict to, const Word *__restrict from, size_t count);

// Stores that pass the caches by. The vectors between the first and last boundary of 64 bytes in `to`; the rest
// plainly.
void copy_streaming(Word *to, const Word *from, size_t count);

// `turns` turns of independent fused multiply-adds on enough vectors to fill the pipes; the sum, so that none is left
// out.
float multiply_add(int64_t turns);
int64_t multiply_adds_a_turn();  // on single values

}  // namespace kiln::bench
