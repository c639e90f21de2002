// Kiln beside another Halide-made library in one program, linked in either order: each has its own error handler, its
// own threads and its own memory functions.
#include <HalideBuffer.h>
#include <HalideRuntime.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "other.h"
#include "support/expectations.h"
#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// What reaches the app's handlers, which it has set for the other library.
std::string errors;
std::atomic<int> loops, mallocs;

void on_error(void *, const char *message) { errors += message; }
int do_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
  ++loops;
  for (int i = min; i < min + size; ++i)
    if (int result = task(user_context, i, closure)) return result;
  return 0;
}
void *on_malloc(void *, size_t bytes) {
  ++mallocs;
  return std::aligned_alloc(128, (bytes + 127) / 128 * 128);
}
void on_free(void *, void *memory) { std::free(memory); }

class Coexistence : public ::testing::Test {
 protected:
  void SetUp() override {
    errors.clear();
    loops = mallocs = 0;
    halide_set_error_handler(on_error);
    halide_set_custom_do_par_for(do_par_for);
    halide_set_custom_malloc(on_malloc);
    halide_set_custom_free(on_free);
    halide_set_num_threads(1);
  }

  static void use_kiln() {
    const std::vector<float> inputs = mixed_values(200003, 151), rows = normal_values(900 * 301, 152);
    Context context;
    context.threads(4);
    for (const ElementwiseOperator &op : elementwise_operators()) {
      EXPECT_TRUE(same_bits(reference_bits(op, KILN_ACCURACY_EXACT, inputs), run_dense(op, context, inputs), inputs))
          << op.name;
      EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"input"}, op.run(context, nullptr, nullptr)));
    }
    const Operation arguments = layer_norm({301});
    EXPECT_TRUE(same_bits(reference_bits(arguments, {900, 301}, rows),
                          run_dense(context, arguments, {900, 301}, rows)));
  }

  static void use_other() {
    Halide::Runtime::Buffer<float> input(50, 20), output(50, 20), small(3, 20);
    input.fill(1.5f);
    EXPECT_EQ(other(input, output), 0);
    output.for_each_value([](float value) { EXPECT_EQ(value, 2.5f); });
    EXPECT_EQ(loops, 1) << "the other library did not use the app's threads";
    EXPECT_EQ(errors, "");
    EXPECT_NE(other(small, output), 0);
    EXPECT_NE(errors.find("beyond the max"), std::string::npos)
        << "the other library's error did not reach its handler: " << errors;
  }
};

TEST_F(Coexistence, KilnUsesNoneOfTheAppsHandlers) {
  const int before = mallocs;
  use_kiln();
  EXPECT_EQ(errors, "");
  EXPECT_EQ(loops, 0);
  EXPECT_EQ(mallocs, before);
}

TEST_F(Coexistence, TheOtherUsesThem) { use_other(); }

TEST_F(Coexistence, InTurns) {
  use_kiln();
  use_other();
  const std::string after = errors;
  use_kiln();
  EXPECT_EQ(errors, after);
  EXPECT_EQ(loops, 1);
}

// Nor does the message of one become the other's.
TEST_F(Coexistence, MessagesStayApart) {
  EXPECT_EQ(kiln_sigmoid(nullptr, nullptr, nullptr), KILN_STATUS_INVALID_ARGUMENT);
  const std::string message = kiln_last_error();
  use_other();
  EXPECT_EQ(message, kiln_last_error());
}

}  // namespace
}  // namespace kiln::test
