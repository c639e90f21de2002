// A caller that flushes subnormal numbers, rounds otherwise or traps gets the same bits, and its own settings and
// exception flags back: every operator, in each form that its memory can have, shared out or not.
#include <kiln/kiln.h>

#include <thread>

#include "support/every_operator.h"
#include "support/fp_calls.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// How a call is shared out. A pool's workers have the caller's word too, and must keep it.
enum class Sharing { alone, threads, pool };
struct Pool {
  FpWord word = kFpDefault;
  bool kept = true;
  static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    Pool &pool = *static_cast<Pool *>(data);
    std::thread([&] {
      for (int64_t i = 0; i < count; ++i) {
        set_fp_word(pool.word);
        body(body_data, i);
        pool.kept &= get_fp_word() == pool.word;
      }
      set_fp_word(kFpDefault);
    }).join();
  }
};

class FpEnvironment : public EveryOperatorTest {
 protected:
  std::vector<kiln_accuracy> accuracies() const {
    std::vector<kiln_accuracy> all = {KILN_ACCURACY_EXACT};
    if (descriptor::operator_named(op()).has_accuracy("fast")) all.push_back(KILN_ACCURACY_FAST);
    return all;
  }
  static Results expected(kiln_accuracy accuracy, const Operation &operation, const Extents &shape,
                          const std::vector<float> &inputs) {
    Context context;
    context.isa(baseline().name).threads(1).accuracy(accuracy);
    return run_dense(context, operation, shape, inputs);
  }

  // Under each word, in each form; where calls are shared out, which takes longer, the forms take turns. Where samples
  // are thinned, so do the pairs of both, over the calls.
  void expect_kept(const Operation &operation, const Extents &shape, const std::vector<float> &inputs,
                   Sharing sharing) {
    for (kiln_accuracy accuracy : accuracies()) {
      const Results wanted = expected(accuracy, operation, shape, inputs);
      Pool pool;
      Context context;
      context.isa(isa().name).accuracy(accuracy).threads(sharing == Sharing::alone ? 1 : 3);
      if (sharing == Sharing::pool) context.parallel_for(Pool::run, &pool);
      pairs_.next_round();
      for (size_t k = 0; k < fp_words().size() * forms().size(); ++k) {
        const FpWord word = fp_words()[k / forms().size()];
        const Form &form = forms()[k % forms().size()];
        if (sharing == Sharing::alone ? !pairs_.has(k) : (k / forms().size() + k) % forms().size() != 0) continue;
        pool.word = word;
        const Seen seen = call_under(word, context, operation, form, shape, inputs);
        const std::string place = show(operation) + " on " + isa().name + ", " + show(shape) + ", " + form.name +
                                  ", sharing " + std::to_string(static_cast<int>(sharing)) + ", " + show_fp_word(word);
        ASSERT_TRUE(succeeded(seen.status)) << place;
        ASSERT_TRUE(same_bits(wanted, seen.results)) << place;
        ASSERT_EQ(seen.left, word) << place;
        ASSERT_TRUE(pool.kept) << "a worker's was changed: " << place;
      }
    }
  }

 private:
  Turns pairs_{5};  // of word and form
};
KILN_OPERATORS_AND_ISAS(FpEnvironment, operators_and_one_gradient());

TEST_P(FpEnvironment, NeitherMattersNorChangesAlone) {
  size_t round = 0;
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{3, 4, 7}, Extents{1, 2, 9001}})
    for (const Operation &operation : some_of(operations_under_words(op(), shape), 6, round++))
      for (const std::vector<float> &inputs : kinds_of_inputs(shape))
        expect_kept(operation, shape, inputs, Sharing::alone);
}

TEST_P(FpEnvironment, NeitherMattersNorChangesWhereShared) {
  const Extents shape = {3, 8, 61, 59};
  const std::vector<Operation> samples = samples_of(op(), shape);
  Turns turns(5);
  for (Sharing sharing : {Sharing::threads, Sharing::pool}) {
    for (size_t i = 0; i < samples.size(); ++i)
      if (i == 0 || turns.has(i))
        expect_kept(samples[i], shape, kinds_of_inputs(shape)[thinning() > 1 ? 2 : 0], sharing);
    turns.next_round();
  }
}

// Rows whose values are few, and many: what small calls do beside their kernels.
TEST_P(FpEnvironment, NeitherMattersNorChangesForFewValues) {
  for (const Extents &shape : {Extents{4, 1, 1}, Extents{2, 2, 2}, Extents{2, 4, 1}})
    for (const Operation &operation : operations_under_words(op(), shape))
      for (const std::vector<float> &inputs : kinds_of_inputs(shape))
        expect_kept(operation, shape, inputs, Sharing::alone);
}

// Settings and flags are given back by calls that fail, too.
TEST_P(FpEnvironment, IsGivenBackByFailures) {
  const Operation operation(op());
  const PreparedCall prepared(operation, {});
  for (FpWord word : fp_words()) {
    set_fp_word(word);
    const kiln_status status = prepared.run(nullptr);
    const FpWord left = get_fp_word();
    set_fp_word(kFpDefault);
    EXPECT_EQ(status, KILN_STATUS_INVALID_ARGUMENT);
    EXPECT_EQ(left, word) << show_fp_word(word);
  }
}

}  // namespace
}  // namespace kiln::test
