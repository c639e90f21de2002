// A caller that flushes subnormal numbers, rounds otherwise or traps gets the same bits, and its own settings back.
#include <kiln/kiln.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <thread>

#include "support/expectations.h"
#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

#if defined(__x86_64__)
using Word = uint32_t;
Word get_word() { return _mm_getcsr(); }
void set_word(Word w) { _mm_setcsr(w); }

constexpr Word kDefault = 0x1f80, kFlush = 0x8000, kDenormalsAreZero = 0x0040, kFlags = 0x003f, kMasks = 0x1f80;
constexpr Word kDown = 0x2000, kUp = 0x4000, kToZero = 0x6000;
const std::vector<Word> kWords = {kDefault,
                                  kDefault | kFlush,
                                  kDefault | kDenormalsAreZero,
                                  kDefault | kFlush | kDenormalsAreZero,
                                  kDefault | kDown,
                                  kDefault | kUp,
                                  kDefault | kToZero,
                                  kDefault | kToZero | kFlush | kDenormalsAreZero,
                                  kDefault | kFlags,
                                  kDefault | kUp | kFlags};
// No exception is masked: any would end the process, were the word left in force.
constexpr Word kTrapping = kDefault & ~kMasks;
#elif defined(__aarch64__)
using Word = uint64_t;
Word get_word() {
  Word w;
  __asm__ volatile("mrs %0, fpcr" : "=r"(w));
  return w;
}
void set_word(Word w) { __asm__ volatile("msr fpcr, %0" ::"r"(w)); }
constexpr Word kFlush = Word{1} << 24, kDefaultNan = Word{1} << 25, kUp = Word{1} << 22, kDown = Word{2} << 22;
constexpr Word kDefault = 0, kToZero = Word{3} << 22, kTrapping = 0;
const std::vector<Word> kWords = {kDefault, kFlush, kDefaultNan, kUp, kDown, kToZero, kFlush | kToZero};
#endif

// Inputs whose results depend on subnormal numbers and on the rounding.
std::vector<float> inputs() {
  std::vector<float> values = mixed_values(99991, 121);
  for (size_t i = 0; i < values.size(); i += 3)
    values[i] = static_cast<float>(-80 - static_cast<double>(i % 3000) * 0.01);
  for (size_t i = 1; i < values.size(); i += 5) values[i] = from_bits(static_cast<uint32_t>(i * 83 % 0x00800000));
  return values;
}

// What a call does under a word: its results, and the word it leaves.
struct Seen {
  std::vector<float> results;
  kiln_status status;
  Word left;
};
template <class Call>
Seen under(Word word, int64_t count, Call call) {
  Seen seen{std::vector<float>(count), KILN_STATUS_INTERNAL, 0};
  set_word(word);
  seen.status = call(seen.results.data());
  seen.left = get_word();
  set_word(kDefault);
  return seen;
}

std::string show_word(Word word) {
  char text[32];
  std::snprintf(text, sizeof text, "control word 0x%llx", static_cast<unsigned long long>(word));
  return text;
}

class FpEnvironmentOfElementwise : public ElementwiseTest {};
KILN_EACH_OPERATOR_AND_ISA(FpEnvironmentOfElementwise);

TEST_P(FpEnvironmentOfElementwise, NeitherMattersNorChanges) {
  const std::vector<float> values = inputs();
  const Layout flat = dense({static_cast<int64_t>(values.size())}),
               strided{{static_cast<int64_t>(values.size() / 2)}, {2}};
  for (kiln_accuracy accuracy : op().accuracies) {
    const std::vector<float> expected = reference_bits(op(), accuracy, values);
    for (int threads : {1, 4})
      for (const Layout &layout : {flat, strided}) {
        Context context;
        context.isa(isa().name).accuracy(accuracy).threads(threads);
        std::vector<float> wanted(values.size());
        for (int64_t offset : layout.offsets()) wanted[offset] = expected[offset];
        std::vector<Word> words = kWords;
        words.push_back(kTrapping);
        for (Word word : words) {
          const Seen seen = under(word, static_cast<int64_t>(values.size()), [&](float *results) {
            const DLTensor input = tensor_on(const_cast<float *>(values.data()), layout);
            DLTensor output = tensor_on(results, layout);
            return op().run(context, &input, &output);
          });
          const std::string place = std::string(op().name) + ' ' + name_of(accuracy) + " on " + isa().name + ", " +
                                    std::to_string(threads) + " threads, " + show_word(word);
          ASSERT_TRUE(succeeded(seen.status)) << place;
          EXPECT_TRUE(same_bits(wanted, seen.results, values)) << place;
          EXPECT_EQ(seen.left, word) << place;
        }
      }
  }
}

class FpEnvironmentOfLayerNorm : public IsaTest {};
KILN_EACH_ISA(FpEnvironmentOfLayerNorm);

// eps is no float32 number: turning it into one would round.
TEST_P(FpEnvironmentOfLayerNorm, NeitherMattersNorChanges) {
  const int64_t length = 133, rows = 500;
  const std::vector<float> values = normal_values(rows * length, 122, 1e3, 1),
                           tiny = normal_values(rows * length, 123, 0, 1e-38);
  for (const std::vector<float> &input_values : {values, tiny})
    for (double eps : {0.1, 1e-5, 0.0}) {
      const Operation arguments = layer_norm({length}, normal_values(length, 124), normal_values(length, 125), eps);
      const std::vector<float> expected = reference_bits(arguments, {rows, length}, input_values).output;
      const Layout layout = dense({rows, length}), row = dense({length});
      std::vector<Word> words = kWords;
      words.push_back(kTrapping);
      for (int threads : {1, 4})
        for (Word word : words) {
          Context context;
          context.isa(isa().name).threads(threads);
          const Seen seen = under(word, rows * length, [&](float *results) {
            const DLTensor input = tensor_on(const_cast<float *>(input_values.data()), layout);
            const DLTensor weight = tensor_on(const_cast<float *>(arguments.values("weight").data()), row);
            const DLTensor bias = tensor_on(const_cast<float *>(arguments.values("bias").data()), row);
            DLTensor output = tensor_on(results, layout);
            return layer_norm(context, &input, arguments, &weight, &bias, &output);
          });
          const std::string place = "layer_norm on " + isa().name + ", eps " + std::to_string(eps) + ", " +
                                    std::to_string(threads) + " threads, " + show_word(word);
          ASSERT_TRUE(succeeded(seen.status)) << place;
          EXPECT_TRUE(same_bits(expected, seen.results, input_values)) << place;
          EXPECT_EQ(seen.left, word) << place;
        }
    }
}

// The app's own pool: its workers' settings do not matter and are theirs again after each piece.
class FpEnvironmentOfWorkers : public ElementwiseTest {};
KILN_EACH_OPERATOR_AND_ISA(FpEnvironmentOfWorkers);

TEST_P(FpEnvironmentOfWorkers, NeitherMattersNorChanges) {
  const std::vector<float> values = inputs();
  const std::vector<float> expected = reference_bits(op(), KILN_ACCURACY_EXACT, values);
  struct Worker {
    Word word;
    bool kept = true;
    int64_t pieces = 0;
    static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
      Worker &worker = *static_cast<Worker *>(data);
      std::thread([&] {
        set_word(worker.word);
        for (int64_t i = 0; i < count; ++i) {
          body(body_data, i);
          worker.kept &= get_word() == worker.word;
          ++worker.pieces;
        }
        set_word(kDefault);
      }).join();
    }
  };
  for (Word word : kWords) {
    Worker worker{word};
    Context context;
    context.isa(isa().name).threads(4).parallel_for(Worker::run, &worker);
    EXPECT_TRUE(same_bits(expected, run_dense(op(), context, values), values)) << op().name << ", " << show_word(word);
    EXPECT_TRUE(worker.kept) << op().name << " on " << isa().name << " changed a worker's " << show_word(word);
    EXPECT_GT(worker.pieces, 1);
  }
}

// A failing call gives the settings back, too.
TEST_P(FpEnvironmentOfWorkers, IsGivenBackByFailures) {
  for (Word word : kWords) {
    set_word(word);
    const kiln_status status = op().run(nullptr, nullptr, nullptr);
    const Word left = get_word();
    set_word(kDefault);
    EXPECT_EQ(status, KILN_STATUS_INVALID_ARGUMENT);
    EXPECT_EQ(left, word) << show_word(word);
  }
}

}  // namespace
}  // namespace kiln::test
