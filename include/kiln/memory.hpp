// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// kiln::view: the views of vectors, arrays, spans, mdspans and their like.
#ifndef KILN_MEMORY_HPP
#define KILN_MEMORY_HPP

#include <cstddef>
#include <iterator>
#include <kiln/view.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace kiln {
#ifdef __cpp_exceptions
inline namespace throwing {
#else
inline namespace returning {
#endif

namespace detail {

template <class T>
std::conditional_t<std::is_const_v<T>, ConstView, View> view(T *data, Shape shape, Shape strides = {},
                                                             std::optional<uint64_t> count = {}) {
  using Element = ElementType<std::remove_const_t<T>>;
  static_assert(
      Element::known,
      "kiln::view: the elements must be float, kiln::float16, kiln::bfloat16, or what kiln::ElementType knows");
  if constexpr (Element::known)
    return {data, std::move(shape), std::move(strides), count};
  else
    return {nullptr, std::move(shape)};
}

// std::mdspan and what is made like it.
template <class M, class = void>
struct IsMdspan : std::false_type {};
template <class M>
struct IsMdspan<M, std::void_t<typename M::accessor_type, decltype(std::declval<const M &>().data_handle())>>
    : std::true_type {};

template <class M>
auto view_mdspan(const M &m) {
  static_assert(M::is_always_strided(), "kiln::view: the layout must be one of strides");
  static_assert(std::is_same_v<typename M::reference, typename M::element_type &>,
                "kiln::view: the elements must be those in memory, as std::default_accessor has them");
  Shape shape, strides;
  if constexpr (M::rank() > 0) {  // of rank 0, mdspans have no stride()
    for (size_t r = 0; r < M::rank(); ++r) {
      shape.push_back(static_cast<int64_t>(m.extent(r)));
      strides.push_back(static_cast<int64_t>(m.stride(r)));
    }
  }
  return view(m.data_handle(), std::move(shape), std::move(strides));
}

// The first value and the extents of a C array of any rank.
template <class T, size_t N>
auto first(T (&array)[N]) {
  if constexpr (std::is_array_v<T>)
    return first(array[0]);
  else
    return &array[0];
}
template <class T>
void add_extents(Shape &shape) {
  if constexpr (std::is_array_v<T>) {
    shape.push_back(static_cast<int64_t>(std::extent_v<T>));
    add_extents<std::remove_extent_t<T>>(shape);
  }
}

// The first value of contiguous memory, and how many there are.
template <class Memory>
auto contiguous(Memory &memory) {
  if constexpr (std::is_array_v<Memory>)
    return std::make_pair(first(memory), sizeof(memory) / sizeof(*first(memory)));
  else
    return std::make_pair(std::data(memory), static_cast<size_t>(std::size(memory)));
}

// Memory that a temporary owns is const.
template <class Memory>
using Seen = std::conditional_t<std::is_lvalue_reference_v<Memory>, Memory, const std::remove_reference_t<Memory> &>;

}  // namespace detail

/// The view of a vector, an array, a span or any other contiguous memory with data() and size(), which has one
/// dimension; of a C array, which has as many as it has indices; and of a std::mdspan with strides. What holds const
/// elements makes a ConstView, and so does a temporary that owns its memory, which lives no longer than the call that
/// it is made for.
template <class Memory>
auto view(Memory &&memory) {
  using M = std::remove_cv_t<std::remove_reference_t<Memory>>;
  static_assert(!std::is_pointer_v<M>, "kiln::view: a pointer needs a shape");
  if constexpr (detail::IsMdspan<M>::value) {
    return detail::view_mdspan(memory);
  } else {
    const auto [data, count] = detail::contiguous(static_cast<detail::Seen<Memory>>(memory));
    Shape shape;
    if constexpr (std::is_array_v<M>)
      detail::add_extents<M>(shape);
    else
      shape.push_back(static_cast<int64_t>(count));
    return detail::view(data, std::move(shape));
  }
}

/// The view of the same memory in another shape: without strides, of all of it. What a pointer points to is not
/// checked.
template <class Memory>
auto view(Memory &&memory, Integers shape, Integers strides = {}) {
  if constexpr (std::is_pointer_v<std::remove_reference_t<Memory>>) {
    return detail::view(memory, shape.values(), strides.values());
  } else {
    const auto [data, count] = detail::contiguous(static_cast<detail::Seen<Memory>>(memory));
    return detail::view(data, shape.values(), strides.values(), count);
  }
}

}  // namespace throwing or returning
}  // namespace kiln
#endif
