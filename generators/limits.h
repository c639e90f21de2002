// Limits that generators and the runtime keep alike: what a kernel has memory for, and no kernel checks.
#pragma once

#include <cstdint>

namespace kiln {

// Values in one segment: what one partial result of a reduction covers.
constexpr int64_t kSegment = 4096;
// Values of a plane or row in one call of a kernel on a CPU that keeps the results of its segments on the stack.
constexpr int64_t kLongestPlane = int64_t{1} << 17;
// Values of a row in one call of layer_norm on a device: its segments meet in the memory that a block of threads
// shares.
constexpr int64_t kLongestDeviceRow = 2 * kSegment;
// Positions of a plane in one call of local_response_norm on a CPU: rows of them, as many as a window has channels, stay
// in a cache.
constexpr int64_t kMostPositions = 4096;
// Bytes of a line of the cache: what is streamed begins with one.
constexpr int64_t kLineOfCache = 64;

// Planes that short_moments takes: of at most so many values, or so many where channels lie side by side, and at least
// so many of them.
constexpr int64_t kShortPlane = 256;
constexpr int64_t kShortColumn = 128;
constexpr int64_t kPlanesTogether = 16;

// Rows that gradients of parameters are summed over together, in float64, and those of them that float32 adds.
constexpr int64_t kRowBlock = 64;
constexpr int64_t kRowTurn = 16;

static_assert(kLongestPlane % kSegment == 0 && kRowBlock % kRowTurn == 0);

}  // namespace kiln
