// What must not compile: each case alone, by -DCASE_<name>, with what the compiler says about it in the comment.
// tests/scripts/check_cpp_header.py reads them here. Without a case it compiles.
#include <array>
#include <kiln/kiln.hpp>
#include <memory>
#include <span>
#include <utility>
#include <vector>
#if __has_include(<mdspan>)
#include <mdspan>
#endif

void calls() {
  std::vector<float> x(6), y(6), weight(3);
  const std::vector<float> constant(6);
  const std::array<float, 6> array_of_const{};
  const float plain_of_const[6] = {};
  std::vector<double> wide(6);
  std::vector<unsigned short> words(6);
  std::vector<kiln::float16> halves(6);
  const std::vector<kiln::float16> constant_halves(6);
  kiln::Context context;
  (void)kiln::silu(kiln::view(constant), kiln::view(y));
#if defined(CASE_const_vector)  // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(constant));
#elif defined(CASE_const_array)                                // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(array_of_const));
#elif defined(CASE_const_c_array)                              // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(plain_of_const));
#elif defined(CASE_const_pointer)                              // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(constant.data(), {6}));
#elif defined(CASE_const_span)                                 // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(std::span<const float>(y)));
#elif defined(CASE_const_shaped)                               // ConstView
  (void)kiln::layer_norm(kiln::view(x, {2, 3}), {3}, kiln::view(constant, {2, 3}));
#elif defined(CASE_const_in_place)                             // ConstView
  const auto both = kiln::view(constant);
  (void)kiln::silu(both, both);
#elif defined(CASE_const_view)                                 // View
  const kiln::View both = kiln::view(constant);
#elif defined(CASE_const_with_options)                         // ConstView
  (void)kiln::layer_norm(kiln::view(x, {2, 3}), {3}, kiln::view(constant, {2, 3}), {kiln::view(weight)});
#elif defined(CASE_const_with_context)                         // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(constant), context);
#elif defined(CASE_const_on_a_device)                          // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(constant).on({kDLCUDA, 0}));
#elif defined(CASE_temporary_output)                           // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(std::vector<float>(6)));
#elif defined(CASE_doubles)                                    // the elements must be float
  kiln::view(wide);
#elif defined(CASE_words)                                      // the elements must be float
  kiln::view(words);
#elif defined(CASE_doubles_of_a_view)                          // View
  kiln::View(wide.data(), {6});
#elif defined(CASE_data_of_another_type)                       // no element type is stored as this one
  (void)kiln::view(x).data<double>();
#elif defined(CASE_const_halves)                               // ConstView
  (void)kiln::silu(kiln::view(halves), kiln::view(constant_halves));
#elif defined(CASE_pointer_without_shape)                      // a pointer needs a shape
  kiln::view(x.data());
#elif defined(CASE_fractional_extents)                         // view
  kiln::view(x, {2.0, 3.0});
#elif defined(CASE_parallel_for_of_another_signature)          // parallel_for takes a function of
  context.parallel_for([](int) {});
#elif defined(CASE_copied_context)                             // delete
  kiln::Context other = context;
#elif defined(CASE_const_mdspan) && defined(__cpp_lib_mdspan)  // ConstView
  (void)kiln::silu(kiln::view(x), kiln::view(std::mdspan<const float, std::extents<int, 6> >(y.data())));
#elif defined(CASE_const_mdspan)                               // no std::mdspan here
#error no std::mdspan here
#endif
  (void)wide, (void)words, (void)halves, (void)constant_halves, (void)weight, (void)array_of_const,
      (void)plain_of_const;
}
