// Normalizations on types of 16 bits on devices: float32's bits rounded once, as on CPUs, in every form, with
// parameters of the input's type and of float32, which are there too.
#include <map>

#include "support/bits.h"
#include "support/device_array.h"
#include "support/digest_file.h"
#include "support/digests.h"
#include "support/every_operator.h"
#include "support/word_call.h"

namespace kiln::test {
namespace {

class DeviceNormalizationTypes : public ::testing::TestWithParam<std::tuple<std::string, std::string>>,
                                 protected OnDevice {
 protected:
  void SetUp() override {
    open(std::get<1>(GetParam()));
    if (!IsSkipped()) use_device(context_);
  }
  const std::string &op() const { return std::get<0>(GetParam()); }

  kiln_status run(const WordCall &call, DeviceWords &from, DeviceWords &to, int64_t step, WordResults *results) {
    const Operation &n = call.operation();
    const Extents &shape = from.host().layout().shape;
    std::map<std::string, DeviceWords> words;
    std::map<std::string, DeviceArray> floats;
    std::map<std::string, DLTensor> given{{"input", from.tensor()}, {"output", to.tensor()}};
    for (const std::string &name : n.parameters()) {
      if (n.values(name).empty()) continue;
      const Layout layout = stepped(n.shape_of(name, shape), step);
      given[name] = call.narrow()
                        ? words.try_emplace(name, device(), call.parameter(name, shape, step), 1).first->second.tensor()
                        : floats.try_emplace(name, device(), layout, n.values(name), 1).first->second.tensor();
    }
    Tensors tensors;
    for (const auto &[name, tensor] : given) tensors[name] = &tensor;
    const kiln_status status = test::call(context_, n, tensors);
    results->output = to.fetch().get();
    results->statistics.clear();
    for (const std::string &name : n.tensors(descriptor::Role::statistics))
      if (words.count(name))
        for (uint16_t word : words.at(name).fetch().get()) results->statistics.push_back(word);
      else if (floats.count(name))
        for (float value : floats.at(name).fetch().get()) results->statistics.push_back(bits_of(value));
    return status;
  }
  void expect(const WordResults &expected, const WordCall &call, DeviceWords &from, DeviceWords &to, int64_t step = 1) {
    const std::vector<uint16_t> inputs = from.host().get();
    WordResults results;
    ASSERT_TRUE(succeeded(run(call, from, to, step, &results)));
    ASSERT_TRUE(same_words(expected, results));
    ASSERT_TRUE(to.host().surroundings_untouched());
    if (&from != &to) {
      ASSERT_EQ(inputs, from.fetch().get()) << "the input was written";
    }
  }

  Context context_;
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceNormalizationTypes,
                         ::testing::Combine(::testing::ValuesIn(normalizations()), ::testing::ValuesIn(each_device())),
                         [](const auto &info) { return std::get<0>(info.param) + "_on_" + std::get<1>(info.param); });

// Rows and planes of one segment and of more; each call has one of the forms, and the next one another.
TEST_P(DeviceNormalizationTypes, EveryForm) {
  Turns calls(5);
  uint64_t seed = 900;
  for (const Extents &shape :
       {Extents{3, 8, 1}, Extents{2, 4, 3, 35}, Extents{5, 24, 7, 7}, Extents{2, 4, 4097}, Extents{2, 2, 8200}})
    for (const Operation &operation : samples_of(op(), shape))
      for (const ElementType &type : element_types_of_16_bits())
        for (bool narrow : {true, false}) {
          if ((narrow && operation.parameters().empty()) || !calls.has(seed++)) continue;
          const Form &form = forms()[seed % forms().size()];
          const WordCall call(operation, type, narrow);
          SCOPED_TRACE(call.text() + ", shape " + show(shape) + ", " + form.name);
          const std::vector<uint16_t> words = some_words(type, dense(shape).count(), seed);
          DeviceWords from(device(), Words(type, form.input(shape), words), 3);
          DeviceWords to(device(), Words(type, form.output(shape)), 1);
          expect(call.expected(shape, words), call, from, form.in_place ? from : to, form.in_place ? 2 : 1);
          if (HasFatalFailure()) return;
        }
}

// Of all samples, but where machines are simulated.
TEST_P(DeviceNormalizationTypes, TheDigestsSamples) {
  const DigestFile file("element_types.json");
  DigestFile::Json found;
  Turns samples(5);
  for (const ElementType &type : element_types_of_16_bits()) {
    Digest digest;
    size_t turn = 0;
    for (const Sample &sample : digest_samples(op())) {
      if (!samples.has(turn++)) continue;
      const WordCall call(sample.operation, type, true);
      const std::vector<uint16_t> words = nearest_words(type, sample.inputs);
      DeviceWords from(device(), Words(type, dense(sample.shape), words)),
          to(device(), Words(type, dense(sample.shape)));
      expect(call.expected(sample.shape, words), call, from, to);
      if (HasFatalFailure()) return;
      digest.add(to.host().get());
    }
    found[type.name]["exact"] = hex(digest.value());
    samples.next_round();
  }
  if (thinning() == 1) {
    EXPECT_EQ(file.read().at(op()), found) << op() << " on " << std::get<1>(GetParam());
  }
}

}  // namespace
}  // namespace kiln::test
