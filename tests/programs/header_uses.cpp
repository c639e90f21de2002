// Every way into kiln.hpp that needs no more than a compiler: it compiles without a warning in each standard, by each
// compiler, with and without exceptions.
#include <array>
#include <cstddef>
#include <kiln/kiln.hpp>
#include <type_traits>
#include <vector>
#if __has_include(<span>) && __cplusplus >= 202002L
#include <span>
#endif
#if __has_include(<mdspan>) && __cplusplus >= 202302L
#include <mdspan>
#endif

namespace {

template <class Expected, class Memory>
void is(Memory &&memory) {
  static_assert(std::is_same_v<decltype(kiln::view(std::forward<Memory>(memory))), Expected>);
}

void views() {
  std::vector<float> vector(24);
  std::array<float, 24> array{};
  float plain[24] = {}, grid[2][12] = {};
  const std::vector<float> vector_of_const(24);
  const std::array<float, 24> array_of_const{};
  const float plain_of_const[24] = {};
  is<kiln::View>(vector), is<kiln::View>(array), is<kiln::View>(plain), is<kiln::View>(grid);
  is<kiln::ConstView>(vector_of_const), is<kiln::ConstView>(array_of_const), is<kiln::ConstView>(plain_of_const);
  is<kiln::ConstView>(std::vector<float>(24)), is<kiln::ConstView>(std::array<float, 24>{});
#ifdef __cpp_lib_span
  std::span<float> dynamic(vector);
  const std::span<float, 24> fixed(array);
  is<kiln::View>(dynamic), is<kiln::View>(fixed), is<kiln::View>(dynamic.subspan(1, 2));
  is<kiln::ConstView>(std::span<const float>(vector)), is<kiln::ConstView>(std::span(array_of_const));
  kiln::view(dynamic, {2, 12}), kiln::view(fixed, {4, 6}, {6, 1});
#endif
#ifdef __cpp_lib_mdspan
  std::mdspan<float, std::extents<int, 2, 12>> right(vector.data());
  std::mdspan<const float, std::dextents<std::size_t, 2>, std::layout_left> left(vector.data(), 2, 12);
  is<kiln::View>(right), is<kiln::ConstView>(left);
#endif
  const std::size_t rows = 2, columns = 12;
  const unsigned narrow = 2;
  const std::array<std::size_t, 2> extents = {2, 12};
  kiln::view(vector, {rows, columns}), kiln::view(vector, {narrow, 12}), kiln::view(vector, extents);
  kiln::view(vector.data(), {rows, 12}, {columns, 1}), kiln::view(plain, {2, 12}), kiln::view(grid, {24});
  kiln::view(vector, kiln::Shape{2, 12}), kiln::view(vector.data(), {});
}

// An app's own type, stored as one that is known.
struct Half {
  unsigned short word;
};

}  // namespace

template <>
struct kiln::ElementType<Half> : kiln::ElementType<kiln::float16> {};

namespace {

void types() {
  std::vector<kiln::float16> halves(24);
  std::vector<kiln::bfloat16> brains(24);
  const std::array<Half, 24> own{};
  is<kiln::View>(halves), is<kiln::View>(brains), is<kiln::ConstView>(own);
  const kiln::View view = kiln::view(halves, {2, 12});
  view.data<kiln::float16>()->bits = 1, view.data<Half>()->word = 2;
  kiln::View(brains.data(), {24}), kiln::ConstView(own.data(), {24});
  kiln::View(view.dtype(), halves.data(), {24}), kiln::view(brains.data(), {24});
  static_assert(kiln::ElementType<kiln::float32>::known && !kiln::ElementType<double>::known);
#ifdef KILN_HAS_COMPILERS_FLOAT16
  std::vector<kiln::compilers::float16> compilers(24);
  is<kiln::View>(compilers);
#endif
#ifdef __STDCPP_FLOAT16_T__
  std::vector<decltype(0.0f16)> standard(24);
  is<kiln::View>(standard);
#endif
#ifdef __STDCPP_BFLOAT16_T__
  std::vector<decltype(0.0bf16)> standard_brains(24);
  is<kiln::View>(standard_brains);
#endif
}

kiln::Result calls() {
  std::vector<float> x(24), y(24), weight(12), bias(12), mean(2), var(2);
  const auto in = kiln::view(x, {1, 2, 12});
  const kiln::View out = kiln::view(y, {1, 2, 12});
  int runs = 0;
  kiln::Context context;
  context.num_threads(2).parallel_for([&runs](int64_t count, auto body) {
    ++runs;
    for (int64_t i = 0; i < count; ++i) body(i);
  });
  kiln::LayerNormOptions options;
  options.weight = kiln::view(weight);
  options.bias = kiln::view(bias);
  options.context = &context;
  const std::size_t width = 12;
  (void)kiln::layer_norm(in, {width}, out, options),
      (void)kiln::layer_norm(in, {12}, out, {kiln::view(weight), {}, 1e-6});
  (void)kiln::batch_norm(in, out, {kiln::view(mean), kiln::view(var)});
#if __cplusplus >= 202002L
  (void)kiln::group_norm(in, 2, out, {.eps = 1e-6, .context = &context});
#endif
  return kiln::silu(in, out, context);
}

}  // namespace

int main() {
  views();
  types();
  (void)calls();
}
