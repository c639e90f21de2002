#pragma once

namespace kiln {

// exact: at most 1 ULP from the real result for every input, subnormal results
//        included.
// exact_narrow: what exact is where the result is stored in 16 bits: the real
//        result rounded once to such a type. Most operators compute as for exact.
// fast:  at most 4 ULP where the result is normal; a subnormal result may be
//        zero.
// coarse: what fast is where the result is stored in 16 bits: at most 1 ULP of
//        such a type, subnormal results included.
// NaN and infinities are right, and the bits the same on every target, in all.
enum class Accuracy { exact, exact_narrow, fast, coarse };

// For those that have one fast arithmetic, whatever the result is stored in.
inline bool is_fast(Accuracy accuracy) { return accuracy == Accuracy::fast || accuracy == Accuracy::coarse; }

}  // namespace kiln
