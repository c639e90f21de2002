// Values of elementwise operators written down by hand, apart from the oracles.
#pragma once

#include <string>
#include <vector>

namespace kiln::test {

struct ValuesByHand {
  struct Row {
    double input, output;
  };
  const char *op;
  std::vector<Row> examples;  // as the operator's documentation prints them, to four digits
  // What the definition gives exactly, or rounded once: at zeros, infinities, the ends of float32 and of saturation.
  std::vector<Row> specials;
};
// NULL where there are none, which what_to_do_by_hand() is the answer to.
const ValuesByHand *find_values_by_hand(const std::string &op);
std::string what_to_do_by_hand(const std::string &op);

}  // namespace kiln::test
