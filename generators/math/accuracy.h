#pragma once

namespace kiln {

// exact: at most 1 ULP from the real result for every input, subnormal results
//        included.
// fast:  at most 4 ULP where the result is normal; a subnormal result may be
//        zero.
// NaN and infinities are right, and the bits the same on every target, in both.
enum class Accuracy { exact, fast };

}  // namespace kiln
