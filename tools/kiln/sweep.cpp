#include "sweep.h"

#include <devices/device.h>
#include <oracle/narrow.h>
#include <oracle/oracle.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <kiln/kiln.hpp>
#include <memory>
#include <mutex>
#include <thread>

#include "judge.h"
#include "signals.h"

namespace kiln::tool {
namespace {

constexpr int64_t kBlock = 1 << 14;  // inputs in one call of a kernel
constexpr int64_t kPiece = 1 << 24;  // inputs in one piece

// The value of a word of the inputs' type.
double value_of(const Inputs &inputs, uint32_t pattern) {
  if (const oracle::NarrowType *narrow = inputs.narrow()) return narrow->value_of(static_cast<uint16_t>(pattern));
  float value;
  std::memcpy(&value, &pattern, sizeof value);
  return static_cast<double>(value);
}

// A device that is swept, and memory there for one block of inputs, one of results and one of ones.
struct OnDevice {
  std::unique_ptr<devices::Device> device;
  devices::Memory inputs, results, ones;

  OnDevice(const std::string &name, const std::vector<char> &ones_here)
      : device(devices::open(name)),
        inputs(*device, ones_here.size()),
        results(*device, ones_here.size()),
        ones(*device, ones_here.size()) {
    device->write(ones.data(), 0, ones_here.data(), ones_here.size());
  }
};

// 1 as a word of an element type, which is the exponent's bias and its place.
uint32_t one_of(const descriptor::Element &element) {
  if (element.dlpack.bits == 32) return 0x3f800000;
  return element.dlpack.code == kDLBfloat ? 0x3f80 : 0x3c00;
}

// One thread's share: blocks of a piece, taken one after another from a shared counter.
class Worker {
 public:
  Worker(const descriptor::Operator &op, const std::vector<Variant> &variants, const Inputs &inputs)
      : op_(op),
        oracle_(oracle::elementwise_oracle(op.name.c_str())),
        inputs_(inputs),
        element_(descriptor::element_named(inputs.dtype())),
        findings_(variants.size()),
        x_(kBlock * element_.bytes()),
        y_(x_.size()),
        ones_(x_.size()) {
    const uint32_t one = one_of(element_);
    for (size_t at = 0; at < ones_.size(); at += element_.bytes()) std::memcpy(&ones_[at], &one, element_.bytes());
    for (const Variant &v : variants) {
      judges_.emplace_back(oracle_, inputs.narrow(), v.accuracy);
      contexts_.emplace_back();
      contexts_.back().num_threads(1);
      devices_.push_back(v.on_device ? std::make_unique<OnDevice>(v.isa, ones_) : nullptr);
      if (v.on_device)
        devices_.back()->device->use_in(contexts_.back().get());
      else
        contexts_.back().isa(v.isa.c_str());
      contexts_.back().accuracy(v.accuracy == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
    }
  }

  void block(int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      patterns_[i] = inputs_.pattern(first + i);
      // The lower bytes of a word come first.
      std::memcpy(&x_[static_cast<size_t>(i) * element_.bytes()], &patterns_[i], element_.bytes());
      reference_[i] = oracle_.value(value_of(inputs_, patterns_[i]));
    }
    for (size_t v = 0; v < contexts_.size(); ++v) {
      if (devices_[v])
        run_on(*devices_[v], contexts_[v], count);
      else
        call(contexts_[v], {kDLCPU, 0}, ones_.data(), x_.data(), y_.data(), count);
      judges_[v].judge(patterns_.data(), y_.data(), reference_.data(), count, &findings_[v]);
    }
  }

  const std::vector<Findings> &findings() const { return findings_; }

 private:
  // A gradient takes ones before its input.
  void call(const Context &context, DLDevice device, void *ones, void *from, void *to, int64_t count) {
    DLTensor in{from, device, 1, element_.dlpack, &count, nullptr, 0}, out = in, grad_output = in;
    out.data = to;
    grad_output.data = ones;
    DLTensor *const tensors[] = {&grad_output, &in, &out};
    check(op_.call(context.get(), op_.direction == "backward" ? tensors : tensors + 1, nullptr));
  }

  void run_on(OnDevice &there, const Context &context, int64_t count) {
    const size_t bytes = static_cast<size_t>(count) * element_.bytes();
    there.inputs.device().write(there.inputs.data(), 0, x_.data(), bytes);
    call(context, there.device->id(), there.ones.data(), there.inputs.data(), there.results.data(), count);
    there.results.device().read(there.results.data(), 0, y_.data(), bytes);
  }

  const descriptor::Operator &op_;
  const oracle::ElementwiseOracle &oracle_;
  const Inputs &inputs_;
  const descriptor::Element &element_;
  std::vector<Judge> judges_;
  std::vector<Context> contexts_;
  std::vector<std::unique_ptr<OnDevice>> devices_;  // NULL for the CPU
  std::vector<Findings> findings_;
  std::vector<uint32_t> patterns_ = std::vector<uint32_t>(kBlock);
  std::vector<char> x_, y_, ones_;  // elements
  std::vector<double> reference_ = std::vector<double>(kBlock);
};

}  // namespace

int64_t piece_count(const Inputs &inputs) { return (inputs.count() + kPiece - 1) / kPiece; }

std::vector<Findings> sweep(const descriptor::Operator &op, const std::vector<Variant> &variants, const Inputs &inputs,
                            int64_t first, int64_t last, int threads) {
  const int64_t end = std::min(last * kPiece, inputs.count());
  std::atomic<int64_t> next{first * kPiece};
  std::vector<Findings> total(variants.size());
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      Worker worker(op, variants, inputs);
      for (int64_t at; (at = next.fetch_add(kBlock)) < end && !OrderlyEnd::requested();)
        worker.block(at, std::min(kBlock, end - at));
      const std::lock_guard<std::mutex> lock(mutex);
      for (size_t v = 0; v < total.size(); ++v) total[v].merge(worker.findings()[v]);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread &thread : others) thread.join();
  if (failure) std::rethrow_exception(failure);
  return total;
}

}  // namespace kiln::tool
