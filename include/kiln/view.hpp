// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// Views: tensors in memory that somebody else owns.
#ifndef KILN_VIEW_HPP
#define KILN_VIEW_HPP

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <kiln/element.hpp>
#include <kiln/error.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace kiln {
#ifdef __cpp_exceptions
inline namespace throwing {
#else
inline namespace returning {
#endif

/// Extents or strides.
using Shape = std::vector<int64_t>;

/// Extents or strides, as arguments: integers of any types in braces, or any container of integers.
class Integers {
 public:
  /// One of them, from an integer of any type.
  struct Integer {
    /// Of an integer, not of a floating-point number.
    template <class I, class = std::enable_if_t<std::is_convertible_v<I, int64_t> && !std::is_floating_point_v<I>>>
    Integer(I i) : value(static_cast<int64_t>(i)) {}
    int64_t value;  ///< The integer.
  };
  Integers() = default;  ///< None.
  /// Those of a shape.
  Integers(Shape values) : values_(std::move(values)) {}
  /// Those in braces.
  Integers(std::initializer_list<Integer> values) {
    for (const Integer &i : values) values_.push_back(i.value);
  }
  /// Those of a container.
  template <class Range, class = std::enable_if_t<
                             std::is_constructible_v<Integer, decltype(*std::begin(std::declval<const Range &>()))>>>
  Integers(const Range &range) {
    for (const auto &i : range) values_.push_back(Integer(i).value);
  }
  /// What they are.
  const Shape &values() const noexcept { return values_; }

 private:
  Shape values_;
};

namespace detail {

// "(2, 12)"
inline std::string text(const Shape &values) {
  std::string list;
  for (int64_t value : values) list += (list.empty() ? "" : ", ") + std::to_string(value);
  return "(" + list + (values.size() == 1 ? ",)" : ")");
}

// Whether the values of a tensor lie within the first `count` elements from its first one on; without strides, whether
// they are all of these.
inline bool fits(const Shape &shape, const Shape &strides, uint64_t count) {
  uint64_t values = 1, last = 0;
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0) return false;
    empty |= extent == 0;
  }
  if (empty || count == 0) return empty && (count == 0 || !strides.empty());
  for (size_t d = 0; d < shape.size(); ++d) {
    const uint64_t extent = static_cast<uint64_t>(shape[d]);
    const int64_t stride = strides.empty() || extent == 1 ? 0 : strides[d];
    if (stride < 0 || (strides.empty() && values > count / extent)) return false;
    if (stride > 0 && extent - 1 > (count - 1 - last) / static_cast<uint64_t>(stride)) return false;
    values *= extent;
    last += (extent - 1) * static_cast<uint64_t>(stride);
  }
  return !strides.empty() || values == count;
}

}  // namespace detail

class View;

/// A tensor in memory that somebody else owns, to be read. Strides are in elements, as in DLPack; none means row-major
/// and dense. Copies are views of the same memory; one view may serve many threads at once.
class ConstView {
 public:
  /// `count`, where it is given: how many elements there are from `data` on. A shape without strides must have that
  /// many values, with strides they must lie within.
  ConstView(const float *data, Integers shape, Integers strides = {}, std::optional<uint64_t> count = {})
      : ConstView(ElementType<float>::dtype, data, std::move(shape), std::move(strides), count) {}
  /// The same of any other type that ElementType knows.
  template <class T, class = std::enable_if_t<ElementType<T>::known>>
  ConstView(const T *data, Integers shape, Integers strides = {}, std::optional<uint64_t> count = {})
      : ConstView(ElementType<T>::dtype, data, std::move(shape), std::move(strides), count) {}
  /// The same of an element type that is known when the program runs.
  ConstView(DLDataType dtype, const void *data, Integers shape, Integers strides = {},
            std::optional<uint64_t> count = {})
      : data_(const_cast<void *>(data)), dtype_(dtype), shape_(shape.values()), strides_(strides.values()) {
    if (!strides_.empty() && strides_.size() != shape_.size())
      fail("strides: expected one per dimension of shape " + detail::text(shape_) + ", got " + detail::text(strides_));
    else if (count && !detail::fits(shape_, strides_, *count))
      fail("shape: expected one that fits " + std::to_string(*count) + " values, got " + detail::text(shape_) +
           (strides_.empty() ? "" : " with strides " + detail::text(strides_)));
  }

  /// The view of an address on a device.
  ConstView on(DLDevice device) const {
    ConstView other = *this;
    other.device_ = device;
    return other;
  }
  /// The same shape and strides in memory on a device, which may be written: an address there, or a cl_mem and the
  /// place in it.
  inline View on(DLDevice device, void *data, uint64_t byte_offset = 0) const;

  /// The first value's memory; NULL where the elements are stored as another type than T is.
  template <class T = float>
  const T *data() const noexcept {
    return is<T>() ? static_cast<const T *>(data_) : nullptr;
  }
  /// DLPack's element type.
  DLDataType dtype() const noexcept { return dtype_; }
  /// One extent per dimension.
  const Shape &shape() const noexcept { return shape_; }
  /// One per dimension; those of row-major memory where none were given.
  Shape strides() const {
    if (!strides_.empty()) return strides_;
    Shape strides(shape_.size());
    uint64_t dense = 1;  // it wraps around for a shape that no memory holds
    for (size_t d = shape_.size(); d-- > 0; dense *= static_cast<uint64_t>(shape_[d]))
      strides[d] = static_cast<int64_t>(dense);
    return strides;
  }
  /// Whether it is of memory that may be written, as each View is.
  bool writable() const noexcept { return writable_; }
  /// Whether it was made; all functions refuse one that was not.
  kiln_status status() const noexcept { return status_; }

  /// The DLPack tensor; it points into this view and is valid as long as that.
  DLTensor tensor() const noexcept {
    DLTensor t{};
    t.data = data_;
    t.device = device_;
    t.byte_offset = byte_offset_;
    t.ndim = status_ == KILN_STATUS_OK ? static_cast<int>(shape_.size()) : -1;
    t.dtype = dtype_;
    t.shape = const_cast<int64_t *>(shape_.data());
    t.strides = strides_.empty() ? nullptr : const_cast<int64_t *>(strides_.data());
    return t;
  }

 private:
  friend class View;
  template <class T>
  bool is() const noexcept {
    static_assert(ElementType<T>::known, "kiln::View: no element type is stored as this one");
    constexpr DLDataType type = ElementType<T>::dtype;
    return dtype_.code == type.code && dtype_.bits == type.bits && dtype_.lanes == type.lanes;
  }
  void fail(const std::string &message) {
    status_ = detail::fail(KILN_STATUS_INVALID_ARGUMENT, "kiln::view: " + message);
  }

  void *data_;
  DLDataType dtype_;
  Shape shape_, strides_;
  bool writable_ = false;
  kiln_status status_ = KILN_STATUS_OK;
  DLDevice device_{kDLCPU, 0};
  uint64_t byte_offset_ = 0;
};

/// One that may be written too: an output is a View, and memory that is const has none.
class View : public ConstView {
 public:
  /// As a ConstView is made.
  View(float *data, Integers shape, Integers strides = {}, std::optional<uint64_t> count = {})
      : View(ElementType<float>::dtype, data, std::move(shape), std::move(strides), count) {}
  /// The same of any other type that ElementType knows.
  template <class T, class = std::enable_if_t<ElementType<T>::known>>
  View(T *data, Integers shape, Integers strides = {}, std::optional<uint64_t> count = {})
      : View(ElementType<T>::dtype, data, std::move(shape), std::move(strides), count) {}
  /// The same of an element type that is known when the program runs.
  View(DLDataType dtype, void *data, Integers shape, Integers strides = {}, std::optional<uint64_t> count = {})
      : ConstView(dtype, data, std::move(shape), std::move(strides), count) {
    writable_ = true;
  }
  using ConstView::on;
  /// The view of an address on a device.
  View on(DLDevice device) const {
    View other = *this;
    other.device_ = device;
    return other;
  }
  /// The first value's memory; NULL where the elements are stored as another type than T is.
  template <class T = float>
  T *data() const noexcept {
    return is<T>() ? static_cast<T *>(data_) : nullptr;
  }
};

inline View ConstView::on(DLDevice device, void *data, uint64_t byte_offset) const {
  View other(dtype_, data, shape_, strides_);
  other.status_ = status_;
  other.device_ = device;
  other.byte_offset_ = byte_offset;
  return other;
}

}  // namespace throwing or returning
}  // namespace kiln
#endif
