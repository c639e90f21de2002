#include "support/without_exceptions.h"

#include <kiln/kiln.hpp>
#include <type_traits>

#ifdef __cpp_exceptions
#error "this file is compiled with -fno-exceptions"
#endif
static_assert(std::is_same_v<kiln::Result, kiln_status>);

namespace kiln::test::without_exceptions {

kiln_status silu(const std::vector<float> &input, const std::vector<int64_t> &shape, int num_threads,
                 std::vector<float> &output, const char **message) {
  Context context;
  context.num_threads(num_threads);
  const kiln_status status = kiln::silu(view(input, shape), view(output), context);
  *message = last_error();
  return status;
}

kiln_status mismatched_view(const char **message) {
  std::vector<float> values(6);
  const View wrong = view(values, {2, 4});
  const kiln_status status = kiln::silu(wrong, wrong);  // whose own text would hide the view's
  *message = last_error();
  return status == wrong.status() ? status : KILN_STATUS_OK;
}

kiln_status const_statistics(const char **message) {
  const std::vector<float> constant(3);
  std::vector<float> x(6), written(3);
  const kiln_status status =
      batch_norm(view(x, {2, 3}), view(x, {2, 3}), {view(constant), view(written), {}, {}, true});
  *message = last_error();
  return status;
}

kiln_status unknown_isa(std::vector<float> &both, const char **message) {
  Context context;
  context.num_threads(2).isa("pdp11").num_threads(1);
  const kiln_status status = kiln::silu(view(both), view(both), context);
  *message = last_error();
  return status == context.status() ? status : KILN_STATUS_OK;
}

kiln_status with_lambda(const std::vector<float> &input, std::vector<float> &output, int *calls) {
  Context context;
  context.num_threads(4).parallel_for([calls](int64_t, ParallelBody) { ++*calls; });
  return kiln::silu(view(input), view(output), context);
}

}  // namespace kiln::test::without_exceptions
