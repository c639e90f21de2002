// Tests of every gradient of a normalization, on an instruction set.
#pragma once

#include "support/every_operator.h"
#include "support/gradients.h"

namespace kiln::test {

class GradientTest : public EveryOperatorTest {
 protected:
  void SetUp() override {
    EveryOperatorTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  std::string place(const GradientSample &sample, const std::string &how = "dense") const {
    return show(sample) + ", " + how + ", on " + isa().name;
  }
  // The bits are the reference's.
  void expect_bits(const GradientBits &expected, const GradientSample &sample, const GradientForm &form,
                   bool with_statistics = false) const {
    EXPECT_TRUE(same_bits(expected, run_gradient(context_, sample, form, with_statistics)))
        << place(sample, form.name) << (with_statistics ? ", with statistics" : "");
  }
  void expect_near(const GradientSample &sample) const {
    EXPECT_TRUE(near_gradients(gradients_of(sample), run_gradient(context_, sample))) << place(sample);
  }

  Context context_;
};

}  // namespace kiln::test
