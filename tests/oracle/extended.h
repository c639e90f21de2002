// An MPFR number with room for the roundings of a formula's intermediate steps.
#pragma once

#include <mpfr.h>

namespace kiln::oracle {

// Owns a number 32 bits more precise than `result`, or as many as a formula asks for: one of a few steps, none of which
// cancels, then loses less than the last bit of the result's precision.
class Extended {
 public:
  explicit Extended(const mpfr_t result, int more = 32) { mpfr_init2(value_, mpfr_get_prec(result) + more); }
  ~Extended() { mpfr_clear(value_); }
  Extended(const Extended &) = delete;
  Extended &operator=(const Extended &) = delete;

  operator mpfr_ptr() { return value_; }

 private:
  mpfr_t value_;
};

// result = 1 + exp(-x)
inline void one_plus_exp_minus(mpfr_t result, const mpfr_t x) {
  mpfr_neg(result, x, MPFR_RNDN);
  mpfr_exp(result, result, MPFR_RNDN);
  mpfr_add_ui(result, result, 1, MPFR_RNDN);
}

}  // namespace kiln::oracle
