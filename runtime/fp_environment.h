// The floating-point environment that kernels are defined in: round to nearest even, subnormals kept, exceptions
// masked.
#pragma once

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace kiln {

// Sets the environment for the life of the object and gives the thread's own one back, exception flags included.
class FpEnvironment {
 public:
  FpEnvironment() : saved_(get()) {
    if (saved_ != kDefault) set(kDefault);
  }
  ~FpEnvironment() {
    if (get() != saved_) set(saved_);
  }
  FpEnvironment(const FpEnvironment &) = delete;
  FpEnvironment &operator=(const FpEnvironment &) = delete;

 private:
#if defined(__x86_64__)
  using Word = uint32_t;
  static constexpr Word kDefault = 0x1f80;  // MXCSR after reset
  static Word get() { return _mm_getcsr(); }
  static void set(Word w) { _mm_setcsr(w); }
#elif defined(__aarch64__)
  using Word = uint64_t;
  static constexpr Word kDefault = 0;  // FPCR: nearest, no flush to zero, no default NaN, no traps
  static Word get() {
    Word w;
    __asm__ volatile("mrs %0, fpcr" : "=r"(w));
    return w;
  }
  static void set(Word w) { __asm__ volatile("msr fpcr, %0" ::"r"(w)); }
#else
#error "Kiln: this architecture's floating-point control word is not known"
#endif
  Word saved_;
};

}  // namespace kiln
