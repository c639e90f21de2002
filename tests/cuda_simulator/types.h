// PTX's types as those of C++.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

namespace kilnsim {

template <class T>
std::string bits_of() {
  return std::to_string(8 * sizeof(T));
}
// "s16", "u64", "f32".
template <class T>
std::string type_name() {
  return (std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "s" : "u") + bits_of<T>();
}

template <class... T>
struct Types {};
using Unsigned = Types<uint16_t, uint32_t, uint64_t>;
using Integers = Types<int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>;
using IntegersAndBytes = Types<int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>;

// Calls visit(T()) for each type T.
template <class... T, class Visit>
void for_each(Types<T...>, Visit visit) {
  (visit(T()), ...);
}

}  // namespace kilnsim
