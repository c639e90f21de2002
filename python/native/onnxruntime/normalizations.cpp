// Normalizations over channels, and over a dimension.
#include <cstring>
#include <utility>

#include "operators.h"

namespace kiln::onnx {

namespace {

// ONNX normalizes a single value, whose variance is 0. Kiln, as PyTorch, refuses it, but takes two equal ones for one:
// the input with each value twice, at no distance.
Tensor doubled(const Tensor &x) { return x.view({x.extent(0), x.count(1, 2), 2}, {x.extent(1), 1, 0}); }

// Memory for an output of such an input, and what takes the values from there.
class DoubledOutput {
 public:
  explicit DoubledOutput(const Tensor &like)
      : memory_(2 * like.count() * like.item_size()),
        tensor_(Tensor(memory_.data(), like.type(), nullptr, 0)
                    .view({like.extent(0), like.extent(1), 2}, {2 * like.extent(1), 2, 1})) {}
  DLTensor *get() { return tensor_.get(); }
  void give(Tensor &output) const {
    const int64_t size = output.item_size();
    for (int64_t i = 0, count = output.count(); i < count; i++)
      std::memcpy(output.data<char>() + i * size, memory_.data() + 2 * i * size, size);
  }

 private:
  std::vector<char> memory_;
  Tensor tensor_;
};

// Normalizes x to y by a call of Kiln's, of x and y or, where statistics are those of a single value, of their doubles.
template <class Function>
void normalize_to(Tensor &x, Tensor &y, bool of_single_values, const Function &function) {
  if (!of_single_values) return expect(function(x.get(), y.get()));
  Tensor twice = doubled(x);
  DoubledOutput results(y);
  expect(function(twice.get(), results.get()));
  results.give(y);
}

void expect_channels(const Tensor &x) {
  if (x.rank() < 2) throw Failure(ort::kInvalidArgument, "Kiln: the input has no channels: its rank is below 2");
}

class BatchNorm : public Computation {
 public:
  explicit BatchNorm(const Attributes &attributes)
      : epsilon_(attributes.real("epsilon", 1e-5f)),
        momentum_(attributes.real("momentum", 0.9f)),
        training_(attributes.integer("training_mode", 0) != 0) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), weight = call.input(1), bias = call.input(2), mean = call.input(3), var = call.input(4);
    Tensor y = call.output(0, x);
    if (x.rank() == 1) {  // which was not known before; for ONNX it is a batch of one channel
      x = x.view({x.extent(0), 1}, {1, 1});
      y = y.view({y.extent(0), 1}, {1, 1});
    }
    expect_channels(x);
    if (training_) return train(call, x, weight, bias, mean, var, y);
    if (x.empty()) return;
    expect(kiln_batch_norm(call.context(), x.get(), mean.get(), var.get(), weight.get(), bias.get(), 0, 0, epsilon_,
                           y.get()));
  }

 private:
  void train(const Call &call, Tensor &x, Tensor &weight, Tensor &bias, const Tensor &mean, const Tensor &var,
             Tensor &y) const {
    const int64_t channels = x.extent(1), values = x.empty() ? 0 : x.count() / channels;
    std::vector<float> batch_mean(channels), batch_var(channels);
    Tensor means(batch_mean.data(), {kDLFloat, 32, 1}, &channels, 1);
    Tensor vars(batch_var.data(), {kDLFloat, 32, 1}, &channels, 1);
    if (values > 0)
      normalize_to(x, y, values == 1, [&](DLTensor *from, DLTensor *to) {
        return kiln_batch_norm(call.context(), from, means.get(), vars.get(), weight.get(), bias.get(), 1, 1, epsilon_,
                               to);
      });
    // Kiln's variance of a batch is the unbiased one, ONNX's is not.
    const double biased = values > 1 ? static_cast<double>(values - 1) / static_cast<double>(values) : 0;
    update(call.output(1, mean), mean, batch_mean, 1, values);
    update(call.output(2, var), var, batch_var, biased, values);
  }

  // running * momentum + batch * (1 - momentum), as ONNX has it.
  void update(Tensor output, const Tensor &running, const std::vector<float> &batch, double factor,
              int64_t values) const {
    if (!output.present()) return;
    if (output.count() != static_cast<int64_t>(batch.size()))
      throw Failure(ort::kInvalidArgument, "Kiln: running statistics: expected one value per channel");
    for (size_t i = 0; i < batch.size(); i++) {
      const double before = running.data<float>()[i], now = values > 0 ? factor * batch[i] : before;
      output.data<float>()[i] = static_cast<float>(before * momentum_ + now * (1.0 - momentum_));
    }
  }

  double epsilon_, momentum_;
  bool training_;
};

class GroupNorm : public Computation {
 public:
  explicit GroupNorm(const Attributes &attributes)
      : groups_(attributes.integer("num_groups", 0)), epsilon_(attributes.real("epsilon", 1e-5f)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    // ONNX's are of one dimension; patterns of other nodes have further ones, of extent 1.
    Tensor weight = flat(call.input(1)), bias = flat(call.input(2));
    expect_channels(x);
    if (x.empty()) return;
    normalize_to(x, y, x.extent(1) == groups_ && x.count(2) == 1, [&](DLTensor *from, DLTensor *to) {
      return kiln_group_norm(call.context(), from, groups_, weight.get(), bias.get(), epsilon_, to);
    });
  }

 private:
  static Tensor flat(Tensor given) {
    return !given.present() || given.rank() == 1 ? std::move(given) : given.view({given.count()}, {1});
  }

  int64_t groups_;
  double epsilon_;
};

class InstanceNorm : public Computation {
 public:
  explicit InstanceNorm(const Attributes &attributes) : epsilon_(attributes.real("epsilon", 1e-5f)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), weight = call.input(1), bias = call.input(2), y = call.output(0, x);
    expect_channels(x);
    if (x.empty()) return;
    normalize_to(x, y, x.count(2) == 1, [&](DLTensor *from, DLTensor *to) {
      return kiln_instance_norm(call.context(), from, nullptr, nullptr, weight.get(), bias.get(), 1, 0, epsilon_, to);
    });
  }

 private:
  double epsilon_;
};

class LocalResponseNorm : public Computation {
 public:
  explicit LocalResponseNorm(const Attributes &attributes)
      : size_(attributes.integer("size", 0)),
        alpha_(attributes.real("alpha", 1e-4f)),
        beta_(attributes.real("beta", 0.75f)),
        bias_(attributes.real("bias", 1)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    expect_channels(x);
    if (x.empty()) return;
    // A window of even size has one channel more before than behind for Kiln, and the other way round for ONNX: the
    // channels are walked backwards.
    Tensor from = channels(x, size_ % 2 == 0), to = channels(y, size_ % 2 == 0);
    expect(kiln_local_response_norm(call.context(), from.get(), size_, alpha_, beta_, bias_, to.get()));
  }

 private:
  // As (N, C, *) with one spatial dimension, forwards or backwards through the channels.
  static Tensor channels(const Tensor &x, bool backwards) {
    const int64_t channels = x.extent(1), plane = x.count(2);
    return x.view({x.extent(0), channels, plane}, {channels * plane, backwards ? -plane : plane, 1},
                  backwards ? (channels - 1) * plane : 0);
  }

  int64_t size_;
  double alpha_, beta_, bias_;
};

class Normalize : public Computation {
 public:
  explicit Normalize(const Attributes &attributes)
      : axis_(attributes.integer("axis", -1)),
        p_(static_cast<double>(attributes.integer("p", 2))),
        // ONNX's operator has none: it divides by the norm, and where that is 0, the values are, too. The smallest
        // number that is not 0 bounds no other norm.
        epsilon_(attributes.real("epsilon", 0x1p-149f)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    if (x.empty()) return;
    expect(kiln_normalize(call.context(), x.get(), p_, &axis_, 1, epsilon_, y.get()));
  }

 private:
  int64_t axis_;
  double p_, epsilon_;
};

}  // namespace

std::unique_ptr<Computation> make_batch_norm(const Attributes &a) { return std::make_unique<BatchNorm>(a); }
std::unique_ptr<Computation> make_group_norm(const Attributes &a) { return std::make_unique<GroupNorm>(a); }
std::unique_ptr<Computation> make_instance_norm(const Attributes &a) { return std::make_unique<InstanceNorm>(a); }
std::unique_ptr<Computation> make_local_response_norm(const Attributes &a) {
  return std::make_unique<LocalResponseNorm>(a);
}
std::unique_ptr<Computation> make_normalize(const Attributes &a) { return std::make_unique<Normalize>(a); }

}  // namespace kiln::onnx
