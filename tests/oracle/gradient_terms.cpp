#include "oracle/gradient_terms.h"

#include "oracle/statistics.h"

namespace kiln::oracle {

Sharing sharing_of_rows(int64_t rows, int64_t length) {
  Sharing sharing{rows, length, {}, {}};
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < length; ++i) sharing.group.push_back(row), sharing.parameter.push_back(i);
  return sharing;
}

Sharing sharing_of_channels(const Volume &v) {
  Sharing sharing = sharing_of_groups(v, v.channels);
  sharing.group = sharing.parameter;
  sharing.groups = v.channels;
  return sharing;
}

Sharing sharing_of_groups(const Volume &v, int64_t num_groups) {
  Sharing sharing{v.samples * num_groups, v.channels, {}, {}};
  for (int64_t n = 0; n < v.samples; ++n)
    for (int64_t c = 0; c < v.channels; ++c)
      for (int64_t s = 0; s < v.space; ++s) {
        sharing.group.push_back(n * num_groups + c / (v.channels / num_groups));
        sharing.parameter.push_back(c);
      }
  return sharing;
}

std::vector<Standard> standards(const float *x, const Sharing &sharing, double eps) {
  std::vector<std::vector<double>> values(sharing.groups);
  for (size_t i = 0; i < sharing.group.size(); ++i) values[sharing.group[i]].push_back(x[i]);
  std::vector<Standard> all;
  for (const std::vector<double> &group : values) {
    const Moments m = moments(static_cast<int64_t>(group.size()), [&](int64_t i) { return group[i]; });
    all.push_back({m.mean, 1 / std::sqrt(m.variance + eps)});
  }
  return all;
}

std::vector<Standard> standards_given(const ChannelParameters &p, int64_t channels, double eps) {
  std::vector<Standard> all;
  for (int64_t c = 0; c < channels; ++c) all.push_back({p.running_mean[c], 1 / std::sqrt(p.running_var[c] + eps)});
  return all;
}

namespace {

// What an error of the mean adds to the magnitude of an n, however near it is to 0: a millionth of it is 2^-23
// deviations.
constexpr double kOfMean = 1 / 8.0;

// A sum, and that of the magnitudes.
struct Total {
  Sum sum, magnitudes;
  int64_t count = 0;
  void add(double term) { add(term, std::fabs(term)); }
  void add(double term, double magnitude) { sum.add(term), magnitudes.add(magnitude), ++count; }
  Normalized total() const { return {sum.value(), magnitudes.value()}; }
  Normalized mean() const {
    const double n = static_cast<double>(count);
    return {sum.value() / n, magnitudes.value() / n};
  }
};

std::vector<Normalized> totals(const std::vector<Total> &all) {
  std::vector<Normalized> values;
  for (const Total &total : all) values.push_back(total.total());
  return values;
}

}  // namespace

Gradients gradients(const float *grad_output, const float *x, const Sharing &sharing,
                    const std::vector<Standard> &standards, Depends depends, const float *weight) {
  const size_t count = sharing.group.size();
  const auto n = [&](size_t i) {
    const Standard &s = standards[sharing.group[i]];
    return (x[i] - s.mean) * s.rstd;
  };
  const auto h = [&](size_t i) { return grad_output[i] * (weight ? weight[sharing.parameter[i]] : 1.0); };
  const double of_mean = depends == Depends::mean_and_root ? kOfMean : 0;
  std::vector<Total> of_h(sharing.groups), of_hn(sharing.groups), of_gn(sharing.parameters), of_g(sharing.parameters);
  for (size_t i = 0; i < count; ++i) {
    of_h[sharing.group[i]].add(h(i));
    of_hn[sharing.group[i]].add(h(i) * n(i));
    of_gn[sharing.parameter[i]].add(grad_output[i] * n(i), std::fabs(grad_output[i]) * (std::fabs(n(i)) + of_mean));
    of_g[sharing.parameter[i]].add(grad_output[i]);
  }
  Gradients results{{}, totals(of_gn), totals(of_g)};
  for (size_t i = 0; i < count; ++i) {
    Normalized sum = {h(i), std::fabs(h(i))};
    const auto subtract = [&](const Normalized &mean, double factor) {
      sum.value -= factor * mean.value;
      sum.magnitude += std::fabs(factor) * mean.magnitude;
    };
    if (depends == Depends::mean_and_root) subtract(of_h[sharing.group[i]].mean(), 1);
    if (depends != Depends::none) subtract(of_hn[sharing.group[i]].mean(), n(i));
    const double rstd = standards[sharing.group[i]].rstd;
    results.grad_input.push_back({rstd * sum.value, rstd * sum.magnitude});
  }
  return results;
}

}  // namespace kiln::oracle
