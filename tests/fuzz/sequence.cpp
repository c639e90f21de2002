// Calls of several threads at once, on contexts that they share: each gives the bits that it gives alone.
#include <atomic>
#include <mutex>
#include <thread>

#include "fuzz/choices.h"
#include "fuzz/contexts.h"
#include "fuzz/targets.h"
#include "support/expectations.h"
#include "support/inputs.h"

namespace kiln::fuzz {
namespace {

constexpr int kThreads = 3, kCalls = 6;

struct Step {
  test::Operation operation;
  test::Extents shape;
  std::vector<float> inputs;
  test::Results expected;
  const NamedContext *context;
};

Step any_step(Choices &choices) {
  const test::Extents shape = {choices.integer(1, 4), choices.integer(1, 33), choices.integer(2, 200)};
  std::vector<test::Operation> samples = test::samples_of(choices.one_of(test::operators_and_gradients()), shape);
  Step step{choices.one_of(samples),
            shape,
            test::mixed_values(test::dense(shape).count(), choices.bits(2)),
            {},
            &choices.one_of(contexts())};
  test::Array input(test::dense(shape), step.inputs), output(test::dense(shape));
  test::run(nullptr, step.operation, input, output, &step.expected);
  return step;
}

std::string run_step(const Step &step) {
  test::Array input(test::dense(step.shape), step.inputs), output(test::dense(step.shape));
  test::Results got;
  const kiln_status status = test::run(step.context->context, step.operation, input, output, &got);
  const std::string text = test::show(step.operation) + ", shape " + test::show(step.shape) + ", " + step.context->name;
  if (status != KILN_STATUS_OK) return text + ": " + kiln_last_error();
  if (const auto same = test::same_bits(step.expected, got, step.inputs); !same) return text + ": " + same.message();
  return "";
}

}  // namespace

std::string run_sequence(const uint8_t *bytes, size_t size, void (*tell)(const std::string &)) {
  Choices choices(bytes, size);
  std::vector<Step> steps;
  for (int i = 0; i < kThreads * kCalls; ++i) steps.push_back(any_step(choices));
  tell(std::to_string(kThreads) + " threads, from " + test::show(steps[0].operation));
  std::string fault;
  std::mutex mutex;
  const auto work = [&](int thread) {
    for (int i = 0; i < kCalls; ++i) {
      const std::string text = run_step(steps[thread * kCalls + i]);
      if (text.empty()) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      fault = text;
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) threads.emplace_back(work, thread);
  for (std::thread &thread : threads) thread.join();
  return fault;
}

}  // namespace kiln::fuzz
