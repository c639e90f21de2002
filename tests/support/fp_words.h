// The words that say how a thread rounds, flushes and traps, with its exception flags: MXCSR; FPCR and FPSR.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace kiln::test {

using FpWord = uint64_t;

#if defined(__x86_64__)
inline FpWord get_fp_word() { return _mm_getcsr(); }
inline void set_fp_word(FpWord w) { _mm_setcsr(static_cast<uint32_t>(w)); }

constexpr FpWord kFpDefault = 0x1f80;
constexpr FpWord kFpMasks = 0x1f80, kFpFlags = 0x003f, kFpFlush = 0x8000, kFpDenormalsAreZero = 0x0040;
constexpr FpWord kFpDown = 0x2000, kFpUp = 0x4000, kFpToZero = 0x6000;
// No exception is masked: the first ends the process.
constexpr FpWord kFpTrapping = kFpDefault & ~kFpMasks;
constexpr bool kFpTraps = true;
inline const std::vector<FpWord> &fp_words() {
  static const std::vector<FpWord> words = {kFpDefault,
                                            kFpDefault | kFpFlush,
                                            kFpDefault | kFpDenormalsAreZero,
                                            kFpDefault | kFpFlush | kFpDenormalsAreZero,
                                            kFpDefault | kFpDown,
                                            kFpDefault | kFpUp,
                                            kFpDefault | kFpToZero,
                                            kFpDefault | kFpToZero | kFpFlush | kFpDenormalsAreZero,
                                            kFpDefault | kFpFlags,
                                            kFpDefault | kFpUp | kFpFlags};
  return words;
}
#elif defined(__aarch64__)
// FPCR below, FPSR above.
inline FpWord get_fp_word() {
  FpWord control, status;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("mrs %0, fpsr" : "=r"(status));
  return control | status << 32;
}
inline void set_fp_word(FpWord w) {
  __asm__ volatile("msr fpcr, %0" ::"r"(w & 0xffffffff));
  __asm__ volatile("msr fpsr, %0" ::"r"(w >> 32));
}

constexpr FpWord kFpDefault = 0, kFpFlush = FpWord{1} << 24, kFpDefaultNan = FpWord{1} << 25;
constexpr FpWord kFpUp = FpWord{1} << 22, kFpDown = FpWord{2} << 22, kFpToZero = FpWord{3} << 22;
constexpr FpWord kFpFlags = FpWord{0x9f} << 32;
// CPUs need not have traps, and those of servers and qemu do not.
constexpr FpWord kFpTrapping = kFpDefault;
constexpr bool kFpTraps = false;
inline const std::vector<FpWord> &fp_words() {
  static const std::vector<FpWord> words = {kFpDefault,           kFpFlush, kFpDefaultNan,   kFpUp, kFpDown, kFpToZero,
                                            kFpFlush | kFpToZero, kFpFlags, kFpUp | kFpFlags};
  return words;
}
#endif

inline std::string show_fp_word(FpWord word) {
  char text[40];
  std::snprintf(text, sizeof text, "control word 0x%llx", static_cast<unsigned long long>(word));
  return text;
}

}  // namespace kiln::test
