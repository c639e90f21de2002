// Norms by any power, for normalize and its gradient.
#pragma once

#include <cstdint>
#include <vector>

namespace kiln::oracle {

// (sum |x|^p)^(1/p) of magnitudes; of p = 0 how many are not 0; of infinite p the largest or the smallest. No power
// overflows.
double norm(const std::vector<double> &magnitudes, double p);

// The number of the slice that each element belongs to, of a dense, row-major tensor whose dimensions `dim` are
// reduced: its index in those that are kept.
std::vector<int64_t> slices(const std::vector<int64_t> &shape, const std::vector<int64_t> &dim);

// The values of each slice.
std::vector<std::vector<double>> values_of_slices(const std::vector<int64_t> &slice, const float *x);

}  // namespace kiln::oracle
