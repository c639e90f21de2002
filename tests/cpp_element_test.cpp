// kiln.hpp's element types: what views are of, calls of every type of elements.def, and an app's own types.
#include <descriptors.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <kiln/kiln.hpp>
#include <map>
#include <vector>

#include "support/element_type.h"

namespace app {
// As an app or another library has it.
class Half {
 public:
  uint16_t word;
};
}  // namespace app

template <>
struct kiln::ElementType<app::Half> : kiln::ElementType<kiln::float16> {};

namespace {

using kiln::ConstView;
using kiln::View;
using kiln::view;

bool same(const DLDataType &a, const DLDataType &b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

// Every row of elements.def has a type of C++ of its name, as large as DLPack says.
TEST(CppElement, IsThereForEachRowOfTheTable) {
#define KILN_ELEMENT(name, code, bits, forms, device_forms)                          \
  EXPECT_TRUE(same(kiln::ElementType<kiln::name>::dtype, {code, bits, 1})) << #name; \
  EXPECT_EQ(sizeof(kiln::name) * 8, size_t{bits}) << #name;
#include "../elements.def"
}

TEST(CppElement, ViewsHaveIt) {
  std::vector<kiln::float16> halves(6);
  std::array<kiln::bfloat16, 6> brains{};
  kiln::float16 grid[2][3] = {};
  const std::vector<kiln::bfloat16> constant(6);
  EXPECT_TRUE(same(view(halves).dtype(), {kDLFloat, 16, 1}));
  EXPECT_TRUE(same(view(brains).tensor().dtype, {kDLBfloat, 16, 1}));
  EXPECT_TRUE(same(view(std::vector<float>(2)).dtype(), {kDLFloat, 32, 1}));
  EXPECT_EQ(view(grid).strides(), (kiln::Shape{3, 1}));
  EXPECT_TRUE(view(halves).writable());
  EXPECT_FALSE(view(constant).writable());
  EXPECT_EQ(view(constant, {2, 3}).data<kiln::bfloat16>(), constant.data());
  EXPECT_THROW(view(halves, {7}), kiln::Error);
  EXPECT_TRUE(same(view(halves).on({kDLCUDA, 0}, halves.data()).dtype(), {kDLFloat, 16, 1}));
}

// No pointer of another type than that of the elements.
TEST(CppElement, DataIsOfTheTypeOrNull) {
  std::vector<kiln::float16> halves(6);
  std::vector<float> floats(6);
  const View v = view(halves);
  EXPECT_EQ(v.data<kiln::float16>(), halves.data());
  EXPECT_EQ(v.data(), nullptr);
  EXPECT_EQ(v.data<kiln::bfloat16>(), nullptr);
  EXPECT_EQ(view(floats).data<kiln::float16>(), nullptr);
  EXPECT_EQ(view(floats).data(), floats.data());
}

TEST(CppElement, MayBeKnownWhenTheProgramRuns) {
  std::vector<uint16_t> words(6);
  const DLDataType type = kiln::ElementType<kiln::bfloat16>::dtype;
  const View v(type, words.data(), {2, 3});
  EXPECT_TRUE(same(v.dtype(), type));
  EXPECT_EQ(static_cast<void *>(v.data<kiln::bfloat16>()), words.data());
  EXPECT_FALSE(ConstView(type, words.data(), {6}).writable());
  EXPECT_THROW(View(type, words.data(), {2, 4}, {}, 6), kiln::Error);
}

using Function = std::function<void(const ConstView &, const View &)>;
const std::map<std::string, Function> &functions() {
  static const std::map<std::string, Function> all = {
#define KILN_ELEMENTWISE(name) {#name, [](const ConstView &from, const View &to) { kiln::name(from, to); }},
#include <elementwise.inc>
  };
  return all;
}

// The C function's results, from memory of a type of C++.
template <class T>
void expect_words(const kiln::test::ElementType &type) {
  std::vector<uint16_t> words;
  for (int word = 0; word < 65536; word += 7) words.push_back(static_cast<uint16_t>(word));
  for (const auto &[name, function] : functions()) {
    const kiln::test::ElementwiseOperator &op = kiln::test::elementwise_operator(name);
    const std::vector<std::string> &dtypes = op.row->dtypes;
    if (std::find(dtypes.begin(), dtypes.end(), type.name) == dtypes.end()) continue;
    std::vector<T> values(words.size());
    std::memcpy(values.data(), words.data(), words.size() * sizeof words[0]);
    function(view(values), view(values));
    std::vector<uint16_t> got(words.size());
    std::memcpy(got.data(), values.data(), words.size() * sizeof words[0]);
    EXPECT_EQ(got, kiln::test::run_dense(op, nullptr, type, words)) << name << ' ' << type.name;
  }
}

TEST(CppElement, EveryFunctionTakesIt) {
  for (const kiln::test::ElementType &type : kiln::test::element_types_of_16_bits()) {
    const std::string wanted = type.name;
#define KILN_ELEMENT(name, code, bits, forms, device_forms) \
  if constexpr (bits == 16)                                 \
    if (wanted == #name) expect_words<kiln::name>(type);
#include "../elements.def"
  }
}

TEST(CppElement, OfAnAppsOwn) {
  expect_words<app::Half>(kiln::test::element_types_of_16_bits()[0]);
  std::vector<app::Half> own(6);
  EXPECT_EQ(view(own).data<app::Half>(), own.data());
}

#ifdef KILN_HAS_COMPILERS_FLOAT16
TEST(CppElement, OfTheCompiler) { expect_words<kiln::compilers::float16>(kiln::test::element_types_of_16_bits()[0]); }
#endif

TEST(CppElement, TypesThatMixAreRefused) {
  std::vector<kiln::float16> halves(6);
  std::vector<kiln::bfloat16> brains(6);
  try {
    kiln::tanh(view(halves), view(brains));
    ADD_FAILURE() << "it was taken";
  } catch (const kiln::Error &error) {
    EXPECT_EQ(error.status(), KILN_STATUS_UNSUPPORTED);
    EXPECT_NE(std::string(error.what()).find("output: expected element type float16"), std::string::npos)
        << error.what();
  }
}

}  // namespace
