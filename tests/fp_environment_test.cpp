// A caller that flushes subnormal numbers, rounds otherwise or traps gets the same bits, and its own settings and
// exception flags back: every operator, in each form that its memory can have, shared out or not.
#include <kiln/kiln.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <iterator>
#include <limits>
#include <thread>

#include "support/child.h"
#include "support/every_operator.h"
#include "support/fp_words.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// How memory lies.
struct Form {
  const char *name;
  Layout (*input)(const Extents &shape);
  Layout (*output)(const Extents &shape);
  bool in_place;
};
Layout spread(const Extents &shape) { return reversed(stepped(shape, 2), 0); }
const Form kForms[] = {{"contiguous", dense, dense, false},
                       {"channels-last", channels_last, channels_last, false},
                       {"contiguous, in place", dense, dense, true},
                       {"channels-last to contiguous", channels_last, dense, false},
                       {"with gaps, reversed", spread, spread, false},
                       {"with gaps, reversed, in place", spread, spread, true}};

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

// Everything that a call gave, and the word that it left.
struct Seen {
  kiln_status status;
  Results results;
  FpWord left;
};
Seen call_under(FpWord word, const kiln_context *context, const Operation &operation, const Form &form,
                const Extents &shape, const std::vector<float> &inputs) {
  Array from(form.input(shape), inputs), apart(form.output(shape));
  Array &to = form.in_place ? from : apart;
  Parameters parameters(operation, shape);
  const DLTensor in = from.tensor(), out = to.tensor();
  const PreparedCall prepared(operation, parameters.with(in, out));
  Seen seen{};
  set_fp_word(word);
  seen.status = prepared.run(context);
  seen.left = get_fp_word();
  set_fp_word(kFpDefault);
  seen.results = {to.get(), parameters.values("running_mean"), parameters.values("running_var")};
  return seen;
}

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

  // Under each word, in each form; where calls are shared out, which takes longer, the forms take turns.
  void expect_kept(const Operation &operation, const Extents &shape, const std::vector<float> &inputs,
                   Sharing sharing) {
    for (kiln_accuracy accuracy : accuracies()) {
      const Results wanted = expected(accuracy, operation, shape, inputs);
      Pool pool;
      Context context;
      context.isa(isa().name).accuracy(accuracy).threads(sharing == Sharing::alone ? 1 : 3);
      if (sharing == Sharing::pool) context.parallel_for(Pool::run, &pool);
      for (size_t k = 0; k < fp_words().size() * std::size(kForms); ++k) {
        const FpWord word = fp_words()[k / std::size(kForms)];
        const Form &form = kForms[k % std::size(kForms)];
        if (sharing != Sharing::alone && (k / std::size(kForms) + k) % std::size(kForms) != 0) continue;
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
};
KILN_OPERATORS_AND_ISAS(FpEnvironment, all_operators());

// Ordinary values under a mean, whose results depend on the rounding; tiny ones, on subnormals; all kinds and sizes.
std::vector<std::vector<float>> kinds_of_inputs(const Extents &shape) {
  const int64_t count = dense(shape).count();
  return {normal_values(count, 121, 3, 1), normal_values(count, 122, 0, 1e-38), mixed_values(count, 123)};
}

// eps that is no float32 number: turning it into one would round.
std::vector<Operation> operations(const std::string &op, const Extents &shape) {
  std::vector<Operation> all = samples_of(op, shape);
  const size_t count = std::min<size_t>(all.size(), 3);
  for (size_t i = 0; i < count; ++i)
    if (all[i].has("eps")) {
      all.push_back(all[i]);
      all.back()["eps"] = 1e-45 / 3;
    }
  return all;
}

TEST_P(FpEnvironment, NeitherMattersNorChangesAlone) {
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{3, 4, 7}, Extents{1, 2, 9001}})
    for (const Operation &operation : operations(op(), shape))
      for (const std::vector<float> &inputs : kinds_of_inputs(shape))
        expect_kept(operation, shape, inputs, Sharing::alone);
}

TEST_P(FpEnvironment, NeitherMattersNorChangesWhereShared) {
  const Extents shape = {3, 8, 61, 59};
  for (const Operation &operation : samples_of(op(), shape))
    for (Sharing sharing : {Sharing::threads, Sharing::pool})
      expect_kept(operation, shape, kinds_of_inputs(shape)[thinning() > 1 ? 2 : 0], sharing);
}

// Rows whose values are few, and many: what small calls do beside their kernels.
TEST_P(FpEnvironment, NeitherMattersNorChangesForFewValues) {
  for (const Extents &shape : {Extents{4, 1, 1}, Extents{2, 2, 2}, Extents{2, 4, 1}})
    for (const Operation &operation : operations(op(), shape))
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

// ---- Unmasked exceptions: in a child, for the first one ends it. ----

class FpTraps : public FpEnvironment {
 protected:
  void SetUp() override {
    FpEnvironment::SetUp();
    if (!kFpTraps) GTEST_SKIP() << "this CPU has no floating-point traps";
  }
  struct Call {
    Operation operation;
    Extents shape;
    std::vector<float> inputs;
  };
  // Nothing traps, the results are those of the default environment, and the status is `wanted`.
  void expect_no_trap(const std::vector<Call> &calls, kiln_status wanted = KILN_STATUS_OK) {
    Told told;
    const int status = run_in_child([&] {
      for (const Call &c : calls)
        for (const Form &form : kForms) {
          told.tell(show(c.operation) + ", " + show(c.shape) + ", " + form.name);
          kiln_context *context;
          if (kiln_context_create(&context) || kiln_context_set_isa(context, isa().name.c_str())) return 2;
          const Seen right = call_under(kFpDefault, context, c.operation, form, c.shape, c.inputs);
          const Seen seen = call_under(kFpTrapping, context, c.operation, form, c.shape, c.inputs);
          if (right.status != wanted || seen.status != wanted) return 3;
          if (!same_bits(right.results, seen.results)) return 4;
          if (seen.left != kFpTrapping) return 5;
          kiln_context_destroy(context);
        }
      return 0;
    });
    EXPECT_EQ(status, 0) << "-" << SIGFPE << " is a trap, 3 another status, 4 other bits, 5 another word; in "
                         << told.text() << " on " << isa().name;
  }
};
KILN_OPERATORS_AND_ISAS(FpTraps, all_operators());

TEST_P(FpTraps, NoSample) {
  std::vector<Call> calls;
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{4, 1, 1}, Extents{2, 4, 1}, Extents{1, 2, 9001}})
    for (const Operation &operation : operations(op(), shape))
      for (const std::vector<float> &inputs : kinds_of_inputs(shape)) calls.push_back({operation, shape, inputs});
  for (Operation operation : samples_of(op(), {4, 1, 1})) calls.push_back({operation, {4, 1, 1}, {1, 2, 3, 5}});
  expect_no_trap(calls);
}

// NaN and infinities among the input, the parameters and the statistics; variances of 0 and below.
TEST_P(FpTraps, NoSpecialValue) {
  const Extents shape = {2, 4, 3};
  std::vector<Call> calls;
  const std::vector<float> specials = {
      from_bits(0x7fc00000), from_bits(0x7f800001), from_bits(0xff800000), 0.0f, -1.0f, 0x1p-149f};
  for (const Operation &operation : samples_of(op(), shape))
    for (float special : specials) {
      std::vector<float> inputs = normal_values(24, 131);
      inputs[7] = special;
      calls.push_back({operation, shape, inputs});
      for (const std::string &name : operation.parameters()) {
        Operation other = operation;
        if (other.values(name).empty()) continue;
        other.values(name)[1] = special;
        calls.push_back({other, shape, inputs});
      }
    }
  expect_no_trap(calls);
}

// Arguments that are refused, or that are special.
TEST_P(FpTraps, NoArgument) {
  const Extents shape = {2, 4, 3};
  const double nan = std::numeric_limits<double>::signaling_NaN(), infinity = std::numeric_limits<double>::infinity();
  std::vector<Call> refused, served;
  for (const Operation &operation : samples_of(op(), shape))
    for (const descriptor::Argument &argument : operation.row().arguments) {
      if (argument.type != descriptor::Type::real) continue;
      for (double value : {nan, -nan, infinity, 1e300, 1e-300}) {
        Operation other = operation;
        other[argument.name].real = value;
        const bool is_error = std::isnan(value) && argument.allowed != descriptor::Allowed::any;
        (is_error ? refused : served).push_back({other, shape, normal_values(24, 132)});
      }
    }
  if (refused.empty() && served.empty()) GTEST_SKIP() << "has no argument that is a number";
  expect_no_trap(refused, KILN_STATUS_INVALID_ARGUMENT);
  expect_no_trap(served);
}

}  // namespace
}  // namespace kiln::test
