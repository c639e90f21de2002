// Gradients of normalizations on float16 and bfloat16: float32's results of what the words stand for, rounded once,
// with parameters of the type and of float32, in every layout and in place, with statistics and without.
#include "support/digest_file.h"
#include "support/digests.h"
#include "support/gradient_test.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class TypesOfGradient : public GradientTest {
 protected:
  static void round(std::vector<float> &values, const ElementType &type) {
    for (float &value : values) value = static_cast<float>(type.value_of(type.nearest(value)));
  }
  // The sample that the words stand for.
  static GradientSample narrowed(GradientSample sample, const ElementType &type, bool parameters) {
    round(sample.grad_output, type);
    round(sample.input, type);
    for (const std::string &name : sample.operation.tensors(descriptor::Role::parameter))
      if (parameters) round(sample.operation.values(name), type);
    return sample;
  }
  // Float32's results, each rounded once to the type that it has.
  static GradientBits expected(const GradientSample &sample, const GradientForm &form) {
    GradientBits results = reference_gradients(sample);
    for (auto &[name, all] : results)
      if (const ElementType *type = name == "grad_input" ? form.type : form.parameters)
        for (uint32_t &bits : all) bits = type->nearest(from_bits(bits));
    return results;
  }
  // check(sample, form, expected) for each sample, type, and type of parameters; for some where machines are emulated.
  template <class Check>
  void for_each(const Extents &shape, const Check &check) {
    for (const GradientSample &sample : gradient_samples(op(), shape, 691))
      for (const ElementType &type : element_types_of_16_bits())
        for (bool narrow : {true, false}) {
          if (!calls_.has(turn_++)) continue;
          GradientForm form;
          form.type = &type, form.parameters = narrow ? &type : nullptr;
          form.name = std::string(type.name) + (narrow ? ", parameters too" : ", float32 parameters");
          const GradientSample words = narrowed(sample, type, narrow);
          check(words, form, expected(words, form));
        }
  }

  Turns calls_{9};
  size_t turn_ = 0;
};
KILN_OPERATORS_AND_ISAS(TypesOfGradient, normalization_gradients());

Layout backwards(const Extents &shape) { return reversed(stepped(shape, 2), static_cast<int>(shape.size()) - 1); }

TEST_P(TypesOfGradient, EveryShape) {
  for (const Extents &shape : gradient_shapes(op()))
    for_each(shape, [&](const GradientSample &sample, const GradientForm &form, const GradientBits &bits) {
      expect_bits(bits, sample, form);
    });
}

TEST_P(TypesOfGradient, EveryLayoutAndInPlace) {
  const std::vector<std::pair<const char *, Layout (*)(const Extents &)>> layouts = {
      {"dense", dense}, {"channels-last", channels_last}, {"backwards", backwards}};
  for (const Extents &shape : {Extents{3, 8, 5, 7}, Extents{70, 6, 17}})
    for_each(shape, [&](const GradientSample &sample, GradientForm form, const GradientBits &bits) {
      const std::string type = form.name;
      for (size_t k = 0; k < layouts.size(); ++k) {
        form.over.clear();
        form.grad_output = form.input = layouts[k].second;
        form.grad_input = layouts[(k + 1) % layouts.size()].second;
        form.step = 1 + static_cast<int64_t>(k), form.misalignment = static_cast<int>(2 * k + 1);
        form.name = type + ", " + layouts[k].first;
        expect_bits(bits, sample, form);
        form.over = k % 2 == 0 ? "input" : "grad_output";
        form.name += " over " + form.over;
        expect_bits(bits, sample, form);
      }
    });
}

TEST_P(TypesOfGradient, EveryNumberOfThreads) {
  for_each({5, 16, 30, 41}, [&](const GradientSample &sample, GradientForm form, const GradientBits &bits) {
    for (int threads : {1, 3}) {
      context_.threads(threads);
      expect_bits(bits, sample, form);
    }
  });
}

TEST_P(TypesOfGradient, StatisticsAndResultsAlone) {
  const bool statistics = Operation(op()).has("rstd");
  for_each({3, 8, 5, 7}, [&](const GradientSample &sample, GradientForm form, const GradientBits &bits) {
    if (statistics) expect_bits(bits, sample, form, true);
    for (const std::string without : {"grad_input", "grad_weight", "grad_bias"}) {
      if (!sample.operation.has(without) || bits.size() == 1) continue;
      form.without = {without};
      expect_bits(bits, sample, form, statistics);
    }
  });
}

// Every word as an input and as a grad_output: NaN, infinities, subnormals, and results beyond the type's range.
TEST_P(TypesOfGradient, WordsOfAllKinds) {
  for_each({5, 8, 6, 7}, [&](GradientSample sample, const GradientForm &form, const GradientBits &) {
    Random random(701);
    for (std::vector<float> *values : {&sample.grad_output, &sample.input})
      for (float &value : *values)
        if (random.chance(20))
          value = static_cast<float>(form.type->value_of(static_cast<uint16_t>(random.integer(0, 65535))));
    expect_bits(expected(sample, form), sample, form);
  });
}

}  // namespace
}  // namespace kiln::test
