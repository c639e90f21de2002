#include <cmath>

#include "oracle/oracle.h"
#include "oracle/windows.h"

namespace kiln::oracle {

std::vector<double> local_response_norm(const float *x, const Volume &v, int64_t size, double alpha, double beta,
                                        double k) {
  std::vector<double> results = divisors(x, v, size, alpha, k);
  for (size_t i = 0; i < results.size(); ++i) results[i] = x[i] / std::pow(results[i], beta);
  return results;
}

}  // namespace kiln::oracle
