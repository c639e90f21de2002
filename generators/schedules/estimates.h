// For Halide's autoschedulers (docs/speed/tuning.md): what a call is about, in the place of a schedule. A generator's
// parameter `estimates` gives the extents of each buffer, innermost first, and the value of each scalar:
//   estimates=x:768x64,weight:768,bias:768,eps:1e-5,y:768x64
#pragma once

#include <Halide.h>

#include <map>
#include <string>
#include <vector>

namespace kiln {

inline std::map<std::string, std::vector<double>> parse_estimates(const std::string &text) {
  std::map<std::string, std::vector<double>> numbers;
  for (const std::string &each : Halide::Internal::split_string(text, ",")) {
    const std::vector<std::string> parts = Halide::Internal::split_string(each, ":");
    _halide_user_assert(parts.size() == 2) << "estimates: expected NAME:NUMBERxNUMBER..., got \"" << each << "\"\n";
    for (const std::string &number : Halide::Internal::split_string(parts[1], "x")) {
      char *end = nullptr;
      numbers[parts[0]].push_back(std::strtod(number.c_str(), &end));
      _halide_user_assert(end != number.c_str() && *end == 0)
          << "estimates: " << parts[0] << ": expected a number, got \"" << number << "\"\n";
    }
  }
  return numbers;
}

inline void set_estimate(Halide::Parameter parameter, const std::vector<double> &numbers) {
  if (!parameter.is_buffer()) {
    parameter.set_estimate(Halide::Internal::make_const(parameter.type(), numbers[0]));
    return;
  }
  for (int d = 0; d < parameter.dimensions(); ++d) {
    parameter.set_min_constraint_estimate(d, 0);
    parameter.set_extent_constraint_estimate(d, static_cast<int>(numbers[d]));
  }
}

// Whether an autoscheduler is at work. Every input and output then has its estimates, and schedule() is to say what
// memory may be like, but nothing of loops.
inline bool autoscheduled(Halide::Internal::AbstractGenerator &generator, const std::string &estimates) {
  if (generator.context().autoscheduler_params().name.empty()) return false;
  const auto numbers = parse_estimates(estimates);
  for (const auto &argument : generator.arginfos()) {
    const auto found = numbers.find(argument.name);
    const size_t expected = argument.kind == Halide::Internal::ArgInfoKind::Scalar ? 1 : argument.dimensions;
    const size_t given = found == numbers.end() ? 0 : found->second.size();
    _halide_user_assert(given == expected)
        << "estimates: " << argument.name << ": expected " << expected << " numbers, got " << given << "\n";
    if (argument.dir == Halide::Internal::ArgInfoDirection::Input) {
      set_estimate(generator.input_parameter(argument.name)[0], found->second);
      continue;
    }
    Halide::Region region;
    for (double extent : found->second) region.emplace_back(0, static_cast<int>(extent));
    generator.output_func(argument.name)[0].set_estimates(region);
  }
  return true;
}

}  // namespace kiln
