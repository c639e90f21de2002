// Elementwise operators on types of 16 bits on devices: the CPU's digests and bits, for every input, size and layout.
#include <algorithm>

#include "support/device_array.h"
#include "support/digest_file.h"
#include "support/digests.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class DeviceElementTypes : public ElementwiseDeviceTest {
 protected:
  // body(type, accuracy, context, results): `results` gives the CPU's bits of some words.
  template <class Body>
  void for_each_type(Body body) {
    for (const ElementType &type : element_types_of_16_bits())
      for (kiln_accuracy accuracy : op().accuracies) {
        SCOPED_TRACE(std::string(op().name) + ' ' + type.name + ' ' + name_of(accuracy) + " on " + GetParam().api);
        Context context, reference;
        context.accuracy(accuracy);
        use_device(context);
        reference.isa(baseline().name).threads(1).accuracy(accuracy);
        body(type, accuracy, context,
             [&](const std::vector<uint16_t> &words) { return run_dense(op(), reference, type, words); });
        if (HasFatalFailure()) return;
      }
  }
  // Runs the operator from `from` to `to`, which may be the same.
  void expect_words(const kiln_context *context, DeviceWords &from, DeviceWords &to,
                    const std::vector<uint16_t> &expected) {
    const std::vector<uint16_t> inputs = from.host().get();
    DLTensor input = from.tensor(), output = to.tensor();
    ASSERT_TRUE(succeeded(op().run(context, &input, &output)));
    ASSERT_TRUE(same_words(expected, to.fetch().get(), inputs));
    ASSERT_TRUE(to.host().surroundings_untouched());
    if (&from == &to) return;
    ASSERT_EQ(inputs, from.fetch().get()) << "the input was written";
    ASSERT_TRUE(from.host().surroundings_untouched());
  }
};
KILN_EACH_OPERATOR_AND_DEVICE(DeviceElementTypes);

TEST_P(DeviceElementTypes, EveryInputGivesTheDigest) {
  const DigestFile file("element_types.json");
  DigestFile::Json found;
  for_each_type([&](const ElementType &type, kiln_accuracy accuracy, const kiln_context *context, auto results) {
    const std::vector<uint16_t> words = every_word();
    const Layout layout = dense({static_cast<int64_t>(words.size())});
    DeviceWords from(device(), Words(type, layout, words)), to(device(), Words(type, layout));
    expect_words(context, from, to, results(words));
    Digest digest;
    digest.add(to.host().get());
    found[type.name][name_of(accuracy)] = hex(digest.value());
  });
  EXPECT_EQ(file.read().at(op().name), found) << op().name << " on " << GetParam().api;
}

// Around a vector and a block of threads; addresses that are multiples of 2, 4, 8 and 16 bytes, input and output apart.
TEST_P(DeviceElementTypes, EveryTailAndAlignment) {
  for_each_type([&](const ElementType &type, kiln_accuracy, const kiln_context *context, auto results) {
    for (int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 1029}) {
      const std::vector<uint16_t> words = words_of_all_kinds(n, n), expected = results(words);
      for (int alignment : {0, 1, 2, 4, 8}) {
        SCOPED_TRACE(std::to_string(n) + " elements, alignment " + std::to_string(alignment));
        const Words inputs(type, dense({n}), words);
        DeviceWords from(device(), inputs, alignment), to(device(), Words(type, dense({n})), 3 * alignment % 8);
        expect_words(context, from, to, expected);
        DeviceWords both(device(), inputs, alignment);
        expect_words(context, both, both, expected);
        if (HasFatalFailure()) return;
      }
    }
  });
}

TEST_P(DeviceElementTypes, EveryLayout) {
  for_each_type([&](const ElementType &type, kiln_accuracy, const kiln_context *context, auto results) {
    for (const LayoutCase &layout : layout_cases()) {
      SCOPED_TRACE(layout.name);
      DeviceWords from(device(), Words(type, layout.input, words_of_all_kinds(layout.input.count(), 2)), 1),
          to(device(), Words(type, layout.output), 3);
      const std::vector<uint16_t> expected = results(from.host().get());
      expect_words(context, from, to, expected);
      DeviceWords both(device(), Words(type, layout.output, from.host().get()), 1);
      expect_words(context, both, both, expected);
      if (HasFatalFailure()) return;
    }
  });
}

// An overlap by less than a word of float32, and types that mix: refused, and nothing is written.
TEST_P(DeviceElementTypes, Refusals) {
  Context context;
  use_device(context);
  const ElementType &half = element_types_of_16_bits()[0], &brain = element_types_of_16_bits()[1];
  const std::vector<uint16_t> words = words_of_all_kinds(9, 1);
  const Layout part = dense({8});
  DeviceWords there(device(), Words(half, dense({9}), words)), other(device(), Words(brain, part));
  DLTensor input = there.tensor(), output = input, of_another_type = other.tensor();
  input.shape = output.shape = const_cast<int64_t *>(part.shape.data());
  output.byte_offset += sizeof(uint16_t);
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output", "overlaps"}, op().run(context, &input, &output)));
  EXPECT_TRUE(failed_with(KILN_STATUS_UNSUPPORTED, {"output", "element type float16, that of input", "got bfloat16"},
                          op().run(context, &input, &of_another_type)));
  EXPECT_EQ(words, there.fetch().get());
}

}  // namespace
}  // namespace kiln::test
