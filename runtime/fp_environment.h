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
    if (!kernels_may_run_in(saved_)) set(kDefault);
  }
  ~FpEnvironment() {
    if (!(get() == saved_)) set(saved_);
  }
  FpEnvironment(const FpEnvironment &) = delete;
  FpEnvironment &operator=(const FpEnvironment &) = delete;

 private:
#if defined(__x86_64__)
  using State = uint32_t;                    // MXCSR: control and flags
  static constexpr State kDefault = 0x1f80;  // after reset
  // Whatever the flags: they are read by nobody, and setting the word costs as much as a small kernel.
  static bool kernels_may_run_in(State state) { return (state & ~uint32_t{_MM_EXCEPT_MASK}) == kDefault; }
  static State get() { return _mm_getcsr(); }
  static void set(State state) { _mm_setcsr(state); }
#elif defined(__aarch64__)
  struct State {
    uint64_t control, flags;  // FPCR, FPSR
    bool operator==(const State &other) const { return control == other.control && flags == other.flags; }
  };
  static constexpr State kDefault = {0, 0};  // nearest, no flush to zero, no default NaN, no traps
  static bool kernels_may_run_in(const State &state) { return state.control == kDefault.control; }
  static State get() {
    State state;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(state.control), "=r"(state.flags));
    return state;
  }
  static void set(const State &state) {
    __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" ::"r"(state.control), "r"(state.flags));
  }
#else
#error "Kiln: this architecture's floating-point control word is not known"
#endif
  State saved_;
};

}  // namespace kiln
