// How far a float32 is from the true result, in units in the last place (ULP) of float32.
//
// ulp(r) = 2^(max(floor(log2 |r|), -126) - 23) is the distance of float32 numbers around r: below 2^-126 they are
// subnormal and evenly spaced, and r = 0 belongs there. The error of y is |y - r| / ulp(r). 0.5 is the best that
// rounding can promise.
//
// Exactness: y is a double without rounding, and y - r is one where y is within a factor of two of r (Sterbenz), which
// holds for every error that a test would let pass; elsewhere it is off by 2^-53 of itself. A reference r that is
// itself off by k 2^-53 |r| moves the error by less than k 2^-29: what lies as near to a bound needs the MPFR form.
#pragma once

#include <mpfr.h>

namespace kiln::oracle {

// ulp(r) for a finite r.
double ulp(double r);

// The error of y against the true result r. NaN is right for NaN alone. An infinity is right for itself and, of the
// same sign, where r rounds to it: |r| >= 2^128 - 2^103. What is wrong in kind is wrong by infinity.
double ulp_error(float y, double r);

// As above, against a result of any precision; the quotient is rounded once, to a double.
double ulp_error(float y, const mpfr_t r);

}  // namespace kiln::oracle
