// kiln.hpp's views: what they are made of, what they say of it, and what is refused.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <kiln/kiln.hpp>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace {

using kiln::ConstView;
using kiln::Shape;
using kiln::View;
using kiln::view;

TEST(CppView, OfVectorsArraysAndCArrays) {
  std::vector<float> vector(6);
  std::array<float, 6> array{};
  float plain[6] = {};
  for (const View &v : {view(vector), view(array), view(plain)}) {
    EXPECT_EQ(v.shape(), Shape{6});
    EXPECT_EQ(v.strides(), Shape{1});
    EXPECT_EQ(v.status(), KILN_STATUS_OK);
    EXPECT_TRUE(v.writable());
  }
  EXPECT_EQ(view(vector).data(), vector.data());
  EXPECT_EQ(view(array).data(), array.data());
  EXPECT_EQ(view(plain).data(), plain);
  const auto &constant = vector;
  EXPECT_EQ(view(constant).data(), vector.data());
  EXPECT_FALSE(view(constant).writable());
  EXPECT_FALSE(view(std::vector<float>(3)).writable());
}

// As in C, the last index is the one that lies dense.
TEST(CppView, OfACArrayHasItsDimensions) {
  float grid[2][3][4] = {};
  EXPECT_EQ(view(grid).shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(view(grid).strides(), (Shape{12, 4, 1}));
  EXPECT_EQ(view(grid).data(), &grid[0][0][0]);
  EXPECT_EQ(view(grid, {6, 4}).shape(), (Shape{6, 4}));
  EXPECT_THROW(view(grid, {2, 3}), kiln::Error);
  const float constant[2][2] = {};
  EXPECT_EQ(view(constant).data(), &constant[0][0]);
  EXPECT_FALSE(view(constant).writable());
}

TEST(CppView, TakesExtentsOfAnyIntegerType) {
  std::vector<float> x(24);
  const size_t rows = 2, columns = 12;
  const short narrow = 2;
  const Shape expected = {2, 12};
  const std::array<size_t, 2> array = {2, 12};
  enum { kRows = 2 };
  for (const View &v : {view(x, {rows, columns}), view(x, {rows, 12}), view(x, {narrow, 12u}), view(x, {kRows, 12}),
                        view(x, array), view(x, expected), view(x.data(), {rows, columns}),
                        View(x.data(), {rows, columns}), view(x, std::vector<unsigned>{2, 12})})
    EXPECT_EQ(v.shape(), expected);
  EXPECT_EQ(view(x, {rows, 3}, {columns, size_t{2}}).strides(), (Shape{12, 2}));
  EXPECT_EQ(view(x.data(), {}).shape(), Shape{});
}

TEST(CppView, StridesAreThoseOfRowMajorMemoryUnlessGiven) {
  std::vector<float> x(24);
  EXPECT_EQ(view(x, {2, 3, 4}).strides(), (Shape{12, 4, 1}));
  EXPECT_EQ(view(x, {4, 3}, {1, 4}).strides(), (Shape{1, 4}));
  EXPECT_EQ(view(x.data(), {}).strides(), Shape{});
  EXPECT_EQ(view(x, {2, 3, 4}).tensor().strides, nullptr);
}

TEST(CppView, OnADeviceKeepsShapeAndStrides) {
  std::vector<float> x(24);
  const std::vector<float> &constant = x;
  const DLDevice device{kDLCUDA, 1};
  const View there = view(constant, {4, 6}, {6, 1}).on(device, x.data() + 1, 8);
  EXPECT_TRUE(there.writable());
  EXPECT_EQ(there.data(), x.data() + 1);
  EXPECT_EQ(there.strides(), (Shape{6, 1}));
  EXPECT_EQ(there.tensor().byte_offset, 8u);
  EXPECT_EQ(there.tensor().device.device_type, kDLCUDA);
  EXPECT_EQ(view(x).on(device).tensor().device.device_id, 1);
  EXPECT_FALSE(view(constant).on(device).writable());
}

void expect_refused(const std::string &text, void (*make)(std::vector<float> &x)) {
  std::vector<float> x(24);
  try {
    make(x);
    ADD_FAILURE() << "a view was made where this was expected: " << text;
  } catch (const kiln::Error &error) {
    EXPECT_EQ(error.status(), KILN_STATUS_INVALID_ARGUMENT);
    EXPECT_EQ(error.what(), "kiln::view: " + text);
  }
}

TEST(CppView, ChecksThatTheShapeFillsTheMemory) {
  expect_refused("shape: expected one that fits 24 values, got (2, 13)", [](auto &x) { view(x, {2, 13}); });
  expect_refused("shape: expected one that fits 24 values, got (2, 11)", [](auto &x) { view(x, {2, 11}); });
  expect_refused("shape: expected one that fits 24 values, got (25,)", [](auto &x) { view(x, {25}); });
  expect_refused("shape: expected one that fits 24 values, got ()", [](auto &x) { view(x, {}); });
  expect_refused("shape: expected one that fits 24 values, got (0, 24)", [](auto &x) { view(x, {0, 24}); });
  expect_refused("shape: expected one that fits 24 values, got (-2, -12)", [](auto &x) { view(x, {-2, -12}); });
  // 2^32 * 2^32 * 24 wraps around to 0, and 2^63 * 2 + 24 to 24.
  expect_refused("shape: expected one that fits 24 values, got (4294967296, 4294967296, 24)", [](auto &x) {
    view(x, {int64_t{1} << 32, int64_t{1} << 32, 24});
  });
  expect_refused("shape: expected one that fits 0 values, got (4294967296, 4294967296)", [](auto &x) {
    x.clear();
    view(x, {int64_t{1} << 32, int64_t{1} << 32});
  });
  expect_refused("shape: expected one that fits 24 values, got (-1,)",
                 [](auto &x) { view(x, {std::numeric_limits<size_t>::max()}); });
  std::vector<float> one(1), none;
  EXPECT_EQ(view(one, {}).shape(), Shape{});
  EXPECT_EQ(view(one, {1, 1, 1}).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(view(none, {3, 0}).shape(), (Shape{3, 0}));
  EXPECT_EQ(view(none).shape(), Shape{0});
}

TEST(CppView, ChecksThatStridesStayWithinTheMemory) {
  expect_refused("strides: expected one per dimension of shape (2, 12), got (12,)", [](auto &x) {
    view(x, {2, 12}, {12});
  });
  expect_refused("shape: expected one that fits 24 values, got (2, 12) with strides (13, 1)", [](auto &x) {
    view(x, {2, 12}, {13, 1});
  });
  expect_refused("shape: expected one that fits 24 values, got (2, 2) with strides (1, -1)", [](auto &x) {
    view(x, {2, 2}, {1, -1});
  });
  expect_refused("shape: expected one that fits 24 values, got (3, 2) with strides (9223372036854775807, 1)",
                 [](auto &x) {
                   view(x, {3, 2}, {std::numeric_limits<int64_t>::max(), 1});
                 });
  expect_refused("shape: expected one that fits 24 values, got (9223372036854775807,) with strides (2,)",
                 [](auto &x) { view(x, {std::numeric_limits<int64_t>::max()}, {2}); });
  expect_refused("shape: expected one that fits 0 values, got (1,) with strides (1,)", [](auto &x) {
    x.clear();
    view(x, {1}, {1});
  });
  std::vector<float> x(24), none;
  EXPECT_EQ(view(x, {2, 12}, {12, 1}).shape(), (Shape{2, 12}));
  EXPECT_EQ(view(x, {1000, 24}, {0, 1}).shape(), (Shape{1000, 24}));
  EXPECT_EQ(view(x, {1, 24}, {-7, 1}).shape(), (Shape{1, 24}));
  EXPECT_EQ(view(x, {0, 99}, {99, 1}).shape(), (Shape{0, 99}));
  EXPECT_EQ(view(none, {0, 99}, {99, 1}).shape(), (Shape{0, 99}));
}

// Every shape of two extents and two strides of a few numbers, held to a walk over the values.
TEST(CppView, ChecksWhatAWalkFinds) {
  std::vector<float> x(6);
  for (int64_t a = 0; a < 5; ++a)
    for (int64_t b = 0; b < 5; ++b)
      for (int64_t s = -2; s < 5; ++s)
        for (int64_t t = -2; t < 5; ++t) {
          bool within = true;
          for (int64_t i = 0; i < a; ++i)
            for (int64_t j = 0; j < b; ++j) within &= i * s + j * t >= 0 && i * s + j * t < 6;
          bool made = true;
          try {
            view(x, {a, b}, {s, t});
          } catch (const kiln::Error &) {
            made = false;
          }
          // Negative strides are refused even where others make up for them.
          if ((s < 0 && a > 1) || (t < 0 && b > 1)) within &= a * b == 0;
          EXPECT_EQ(made, within) << a << "x" << b << " by " << s << ", " << t;
        }
}

// What std::mdspan has, in C++17; the reference implementation's is one more.
template <class T>
struct Grid {
  using element_type = T;
  using reference = T &;
  using accessor_type = std::allocator<T>;
  static constexpr size_t rank() { return 2; }
  static constexpr bool is_always_strided() { return true; }
  T *data_handle() const { return values; }
  int extent(size_t r) const { return extents[r]; }
  int stride(size_t r) const { return strides[r]; }
  T *values;
  int extents[2], strides[2];
};

TEST(CppView, OfWhatIsLikeStdMdspan) {
  std::vector<float> x = {-3, -2, -1, 1, 2, 3}, y(6), expected(6);
  const Grid<const float> in{x.data(), {2, 3}, {3, 1}};
  const Grid<float> out{y.data(), {2, 3}, {1, 2}};
  EXPECT_EQ(view(out).shape(), (Shape{2, 3}));
  EXPECT_EQ(view(out).strides(), (Shape{1, 2}));
  EXPECT_TRUE(view(out).writable());
  EXPECT_FALSE(view(in).writable());
  kiln::silu(view(in), view(out));
  kiln::silu(view(x), view(expected));
  EXPECT_EQ(y, (std::vector<float>{expected[0], expected[3], expected[1], expected[4], expected[2], expected[5]}));
}

// Views made for a call, and for options, in the place where they are needed.
TEST(CppView, TemporariesLiveAsLongAsTheCall) {
  std::vector<float> x(24), y(24), expected(24), weight(12, 2.0f), bias(12, -1.0f);
  std::iota(x.begin(), x.end(), -7.0f);
  kiln::LayerNormOptions options;
  options.weight = view(weight);
  {
    const View other = view(bias);
    options.bias = other;
  }
  kiln::layer_norm(view(x, {2, 12}), {12}, view(expected, {2, 12}), options);
  kiln::layer_norm(view(x, {2, 12}), {12}, view(y, {2, 12}), {view(weight), view(bias)});
  EXPECT_EQ(y, expected);
  kiln::layer_norm(view(std::vector<float>(x), {2, 12}), {size_t{12}}, view(y, {2, 12}),
                   {view(std::vector<float>(12, 2.0f)),
                    view(std::array<float, 12>({-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}))});
  EXPECT_EQ(y, expected);
  EXPECT_NE(y, x);
}

}  // namespace
