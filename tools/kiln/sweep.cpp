#include "sweep.h"

#include <devices/device.h>
#include <oracle/oracle.h>
#include <oracle/ulp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <kiln/kiln.hpp>
#include <memory>
#include <mutex>
#include <thread>

#include "signals.h"

namespace kiln::tool {
namespace {

constexpr int64_t kBlock = 1 << 14;    // inputs in one call of a kernel
constexpr int64_t kPiece = 1 << 24;    // inputs in one piece
constexpr uint32_t kNaN = 0x7fc00000;  // the only NaN that is stored
constexpr double kSmallestNormal = 0x1p-126;
// float64's reference is off by a few 2^-53 relative, below 2^-28 ULP of float32; nearer than this to a limit it cannot
// say on which side, and MPFR does.
constexpr double kUndecided = 0x1p-24;

uint32_t bits_of(float f) {
  uint32_t b;
  std::memcpy(&b, &f, sizeof b);
  return b;
}

float float_of(uint32_t b) {
  float f;
  std::memcpy(&f, &b, sizeof f);
  return f;
}

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of input and result reaches every bit of the sum.
uint64_t mix(uint32_t pattern, uint32_t result) {
  uint64_t z = (static_cast<uint64_t>(pattern) << 32 | result) + 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// oracle::ulp_error without its calls of the C library, for the billions: reference != 0, finite. The reciprocal of
// ulp(r) = 2^(max(floor(log2 |r|), -126) - 23) is made from r's exponent field.
double error_in_ulp(float y, double reference) {
  if (!std::isfinite(y) || std::fabs(reference) >= 0x1p127) return oracle::ulp_error(y, reference);
  uint64_t word;
  std::memcpy(&word, &reference, sizeof word);
  const uint64_t exponent = std::max<uint64_t>(word >> 52 & 0x7ff, 1023 - 126);
  const uint64_t reciprocal_word = (1023 + 1023 + 23 - exponent) << 52;
  double reciprocal;
  std::memcpy(&reciprocal, &reciprocal_word, sizeof reciprocal);
  return std::fabs(static_cast<double>(y) - reference) * reciprocal;
}

bool near(double a, double b) { return std::fabs(a - b) < kUndecided; }

class Judge {
 public:
  Judge(const oracle::ElementwiseOracle &oracle, const std::string &accuracy)
      : oracle_(oracle), fast_(accuracy == "fast"), bound_(bound_of(accuracy)) {}

  void judge(uint32_t pattern, float y, double reference, Findings *findings) const {
    const uint32_t result = bits_of(y);
    ++findings->inputs;
    findings->digest += mix(pattern, result);
    if (std::isnan(reference) || std::isinf(reference) || reference == 0) {
      const bool right = std::isnan(reference) ? result == kNaN : result == bits_of(static_cast<float>(reference));
      findings->correctly_rounded += right;
      if (!right) special(pattern, findings);
      return;
    }
    double error = error_in_ulp(y, reference);
    if (near(error, 0.5) || near(error, bound_)) error = exact_error(pattern, y);
    findings->correctly_rounded += error <= 0.5;
    if (std::isinf(error)) {
      special(pattern, findings);
      return;
    }
    if (fast_ && std::fabs(reference) < kSmallestNormal) {
      const bool tolerable = std::fabs(y) <= kSmallestNormal && std::signbit(y) == std::signbit(reference);
      if (!tolerable) special(pattern, findings);
      return;
    }
    if (error > findings->largest_error) {
      findings->largest_error = error;
      findings->largest_at = pattern;
    }
  }

 private:
  static void special(uint32_t pattern, Findings *findings) {
    ++findings->wrong_specials;
    findings->special_at = std::min(findings->special_at, pattern);
  }

  double exact_error(uint32_t pattern, float y) const {
    mpfr_t x, r;
    mpfr_init2(x, 24);
    mpfr_init2(r, 160);
    mpfr_set_flt(x, float_of(pattern), MPFR_RNDN);
    oracle_.exact(r, x);
    const double error = oracle::ulp_error(y, r);
    mpfr_clear(x);
    mpfr_clear(r);
    return error;
  }

  const oracle::ElementwiseOracle &oracle_;
  bool fast_;
  double bound_;
};

// A device that is swept, and memory there for one block of inputs and one of results.
struct OnDevice {
  std::unique_ptr<devices::Device> device;
  devices::Memory inputs, results;

  explicit OnDevice(const std::string &name)
      : device(devices::open(name)),
        inputs(*device, kBlock * sizeof(float)),
        results(*device, kBlock * sizeof(float)) {}
};

// One thread's share: blocks of a piece, taken one after another from a shared counter.
class Worker {
 public:
  Worker(const descriptor::Operator &op, const std::vector<Variant> &variants, const Inputs &inputs)
      : op_(op), oracle_(oracle::elementwise_oracle(op.name.c_str())), inputs_(inputs), findings_(variants.size()) {
    for (const Variant &v : variants) {
      judges_.emplace_back(oracle_, v.accuracy);
      contexts_.emplace_back();
      contexts_.back().num_threads(1);
      devices_.push_back(v.on_device ? std::make_unique<OnDevice>(v.isa) : nullptr);
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
      x_[i] = float_of(patterns_[i]);
      reference_[i] = oracle_.value(x_[i]);
    }
    for (size_t v = 0; v < contexts_.size(); ++v) {
      if (devices_[v])
        run_on(*devices_[v], contexts_[v], count);
      else
        run(contexts_[v], count);
      for (int64_t i = 0; i < count; ++i) judges_[v].judge(patterns_[i], y_[i], reference_[i], &findings_[v]);
    }
  }

  const std::vector<Findings> &findings() const { return findings_; }

 private:
  void run(const Context &context, int64_t count) { call(context, view(x_.data(), {count}), view(y_.data(), {count})); }

  void call(const Context &context, const ConstView &from, const View &to) {
    DLTensor in = from.tensor(), out = to.tensor();
    DLTensor *const tensors[] = {&in, &out};
    check(op_.call(context.get(), tensors, nullptr));
  }

  void run_on(OnDevice &there, const Context &context, int64_t count) {
    const size_t bytes = static_cast<size_t>(count) * sizeof(float);
    there.inputs.device().write(there.inputs.data(), 0, x_.data(), bytes);
    const View host = view(y_.data(), {count});
    const View from = host.on(there.device->id(), there.inputs.data()),
               to = host.on(there.device->id(), there.results.data());
    call(context, from, to);
    there.results.device().read(there.results.data(), 0, y_.data(), bytes);
  }

  const descriptor::Operator &op_;
  const oracle::ElementwiseOracle &oracle_;
  const Inputs &inputs_;
  std::vector<Judge> judges_;
  std::vector<Context> contexts_;
  std::vector<std::unique_ptr<OnDevice>> devices_;  // NULL for the CPU
  std::vector<Findings> findings_;
  std::vector<uint32_t> patterns_ = std::vector<uint32_t>(kBlock);
  std::vector<float> x_ = std::vector<float>(kBlock), y_ = std::vector<float>(kBlock);
  std::vector<double> reference_ = std::vector<double>(kBlock);
};

}  // namespace

void Findings::merge(const Findings &other) {
  inputs += other.inputs;
  correctly_rounded += other.correctly_rounded;
  wrong_specials += other.wrong_specials;
  special_at = std::min(special_at, other.special_at);
  digest += other.digest;
  if (other.largest_error > largest_error || (other.largest_error == largest_error && other.largest_at < largest_at)) {
    largest_error = other.largest_error;
    largest_at = other.largest_at;
  }
}

double bound_of(const std::string &accuracy) { return accuracy == "fast" ? 4.0 : 1.0; }

bool holds(const Findings &findings, const std::string &accuracy) {
  return findings.wrong_specials == 0 && findings.largest_error <= bound_of(accuracy);
}

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
