// Runs one instruction over a table of operands and compares with a C++ function, bit for bit.
#pragma once

#include <cstring>
#include <random>
#include <tuple>
#include <type_traits>

#include "fixture.h"

template <class T>
using Bits = std::conditional_t<
    sizeof(T) == 1, uint8_t,
    std::conditional_t<sizeof(T) == 2, uint16_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

template <class T>
Bits<T> bits_of(T value) {
  Bits<T> bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
template <class T>
T from_bits(Bits<T> bits) {
  T value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Ends of ranges, zeros, NaN, infinities, subnormals; and random bits, of which floats get some of every magnitude.
template <class T>
std::vector<T> operand_values(int random) {
  constexpr int width = 8 * sizeof(T);
  std::vector<Bits<T>> bits;
  for (int i = 0; i < width; ++i) {
    const Bits<T> power = Bits<T>(Bits<T>(1) << i);
    for (const Bits<T> b : {power, Bits<T>(power - 1), Bits<T>(~power), Bits<T>(power + 1)}) bits.push_back(b);
  }
  if constexpr (std::is_floating_point_v<T>) {
    for (const T x :
         {T(0), T(1), T(2), T(3), T(0.5), T(1.5), T(2.5), T(INFINITY), std::numeric_limits<T>::max(),
          std::numeric_limits<T>::min(), std::numeric_limits<T>::denorm_min(), T(NAN), T(2147483647), T(4294967295.)}) {
      bits.push_back(bits_of(x));
      bits.push_back(bits_of(-x));
    }
  }
  std::mt19937_64 generator(42);
  for (int i = 0; i < random; ++i) bits.push_back(Bits<T>(generator()));
  std::vector<T> values;
  for (const Bits<T> b : bits) values.push_back(from_bits<T>(b));
  return values;
}
template <>
inline std::vector<bool> operand_values<bool>(int) {
  return {false, true};
}

// The text of a kernel that reads operands, runs `instruction` and stores its result. Registers are named by operand.
struct OperandType {
  unsigned bytes;  // 0: a predicate
};
std::string instruction_text(const std::string &instruction, OperandType to, const std::vector<OperandType> &from,
                             const std::string &immediate);

template <class T>
struct Same {
  using type = T;
};

class InstructionCheck : public Simulated {
 protected:
  // `immediate`: a last operand that is part of the text.
  template <class To, class... From>
  void check(const std::string &instruction, To (*reference)(From...), const std::string &immediate = "") {
    SCOPED_TRACE(instruction);
    constexpr int operands = sizeof...(From);
    check_over(instruction, reference, immediate,
               combinations<From...>(operands == 1   ? 2000
                                     : operands == 2 ? 40
                                                     : 12));
  }

  // The same with a lambda, whose types have to be named.
  template <class To, class... From>
  void check_as(const std::string &instruction, typename Same<To (*)(From...)>::type reference,
                const std::string &immediate = "") {
    check(instruction, reference, immediate);
  }

 private:
  template <class T>
  static constexpr unsigned bytes() {
    return std::is_same_v<T, bool> ? 0 : sizeof(T);
  }
  template <class T>
  using Stored = std::conditional_t<std::is_same_v<T, bool>, uint32_t, T>;

  // Every pair of values, or where there are three operands, random triples of them.
  template <class... From>
  static std::vector<std::tuple<From...>> combinations(int random) {
    const auto lists = std::tuple(operand_values<From>(random)...);
    std::mt19937_64 generator(7);
    std::vector<std::tuple<From...>> rows;
    const size_t count = sizeof...(From) == 1 ? std::get<0>(lists).size() : 30000;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back(std::apply(
          [&](const auto &...list) {
            return std::tuple<From...>(list[sizeof...(From) == 1 ? i : generator() % list.size()]...);
          },
          lists));
    }
    return rows;
  }

  template <class To, class... From>
  void check_over(const std::string &instruction, To (*reference)(From...), const std::string &immediate,
                  const std::vector<std::tuple<From...>> &rows) {
    const CUfunction f =
        function(instruction_text(instruction, {bytes<To>()}, {OperandType{bytes<From>()}...}, immediate));
    ASSERT_NE(f, nullptr);
    run_over(f, reference, rows, std::index_sequence_for<From...>());
  }

  template <class To, class... From, size_t... i>
  void run_over(CUfunction f, To (*reference)(From...), const std::vector<std::tuple<From...>> &rows,
                std::index_sequence<i...>) {
    const OnDevice<Stored<To>> to(rows.size());
    const auto from = std::tuple<OnDevice<Stored<From>>...>(column<Stored<From>, i>(rows)...);
    const unsigned n = unsigned(rows.size());
    ASSERT_EQ(run(f, (n + 127) / 128, 128, 0, n, to.address, std::get<i>(from).address...), CUDA_SUCCESS)
        << kilnsim_last_fault();
    const auto got = to.values();
    for (size_t r = 0; r < rows.size(); ++r) {
      const Stored<To> expected = reference(std::get<i>(rows[r])...);
      ASSERT_EQ(bits_of(got[r]), bits_of(expected))
          << "operands" << std::hex << ((" 0x" + hex(bits_of(Stored<From>(std::get<i>(rows[r]))))) + ...);
    }
  }

  template <class T, size_t i, class Rows>
  static std::vector<T> column(const Rows &rows) {
    std::vector<T> result;
    for (const auto &row : rows) result.push_back(T(std::get<i>(row)));
    return result;
  }
  static std::string hex(uint64_t v) {
    char text[20];
    snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(v));
    return text;
  }
};
