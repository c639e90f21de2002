#include "support/values_by_hand.h"

#include <limits>

namespace kiln::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
constexpr float smallest = 0x1p-149f, nan = std::numeric_limits<float>::quiet_NaN();

const std::vector<ValuesByHand> &values_by_hand() {
  static const std::vector<ValuesByHand> all = {
      {"tanh",
       {{-2, -0.9640}, {0, 0}, {2, 0.9640}},
       {{0, 0},
        {-0.0f, -0.0f},
        {infinity, 1},
        {-infinity, -1},
        {largest, 1},
        {-largest, -1},
        {smallest, smallest},
        {-smallest, -smallest},
        {0x1.fffffcp-127f, 0x1.fffffcp-127f},
        {0x1p-126f, 0x1p-126f},
        {10, 1},
        {-10, -1}}},
      {"sigmoid",
       {{-2, 0.1192}, {0, 0.5}, {2, 0.8808}},
       {{0, 0.5f},
        {-0.0f, 0.5f},
        {infinity, 1},
        {-infinity, 0},
        {largest, 1},
        {-largest, 0},
        {smallest, 0.5f},
        {-smallest, 0.5f},
        {-110, 0},
        {18, 1}}},
      {"hardsigmoid",
       {{-4, 0}, {-2, 0.1667}, {0, 0.5}, {2, 0.8333}, {4, 1}},
       {{0, 0.5f},
        {-0.0f, 0.5f},
        {infinity, 1},
        {-infinity, 0},
        {largest, 1},
        {-largest, 0},
        {3, 1},
        {-3, 0},
        {-4, 0},
        {4, 1},
        {smallest, 0.5f},
        {1.5f, 0.75f},
        {-1.5f, 0.25f}}},
      {"silu",
       {{-2, -0.2384}, {0, 0}, {2, 1.7616}},
       {{0, 0},
        {-0.0f, -0.0f},
        {infinity, infinity},
        {-infinity, nan},
        {largest, largest},
        {-largest, -0.0f},
        {-150, -0.0f},
        {0x1p-100f, 0x1p-101f},
        {30, 30}}},
      {"mish",
       {{-2, -0.2525}, {0, 0}, {2, 1.9440}},
       {{0, 0},
        {-0.0f, -0.0f},
        {infinity, infinity},
        {-infinity, nan},
        {largest, largest},
        {-largest, -0.0f},
        {-150, -0.0f},
        {30, 30}}},
      {"softplus",
       {{-2, 0.1269}, {0, 0.6931}, {2, 2.1269}},
       {{0, 0x1.62e43p-1f},
        {-0.0f, 0x1.62e43p-1f},
        {infinity, infinity},
        {-infinity, 0},
        {largest, largest},
        {-largest, 0},
        {smallest, 0x1.62e43p-1f},
        {-smallest, 0x1.62e43p-1f},
        {-150, 0},
        {30, 30}}},
      {"tanh_backward",
       {{-2, 0.0707}, {0, 1}, {2, 0.0707}},
       {{0, 1},
        {-0.0f, 1},
        {infinity, 0},
        {-infinity, 0},
        {largest, 0},
        {-largest, 0},
        {smallest, 1},
        {-60, 0},
        {60, 0}}},
      {"sigmoid_backward",
       {{-2, 0.1050}, {0, 0.25}, {2, 0.1050}},
       {{0, 0.25f}, {-0.0f, 0.25f}, {infinity, 0}, {-infinity, 0}, {largest, 0}, {-largest, 0}, {-110, 0}, {110, 0}}},
      {"hardsigmoid_backward",
       {{-4, 0}, {-2, 0.1667}, {0, 0.1667}, {2, 0.1667}, {4, 0}},
       {{0, 0x1.555556p-3f},
        {-3, 0},
        {3, 0},
        {0x1.7ffffep1f, 0x1.555556p-3f},
        {-0x1.7ffffep1f, 0x1.555556p-3f},
        {infinity, 0},
        {-infinity, 0},
        {largest, 0},
        {nan, 0}}},
      {"silu_backward",
       {{-2, -0.0908}, {0, 0.5}, {2, 1.0908}},
       {{0, 0.5f},
        {-0.0f, 0.5f},
        {infinity, nan},
        {-infinity, nan},
        {largest, 1},
        {-largest, -0.0f},
        {smallest, 0.5f},
        {-150, -0.0f},
        {30, 1}}},
      {"mish_backward",
       {{-2, -0.1084}, {0, 0.6}, {2, 1.0693}},
       {{0, 0.6f},
        {-0.0f, 0.6f},
        {infinity, nan},
        {-infinity, nan},
        {largest, 1},
        {-largest, -0.0f},
        {smallest, 0.6f},
        {-150, -0.0f},
        {30, 1}}},
      {"softplus_backward",
       {{-2, 0.1192}, {0, 0.5}, {2, 0.8808}},
       {{0, 0.5f}, {-0.0f, 0.5f}, {infinity, 1}, {-infinity, 0}, {largest, 1}, {-largest, 0}, {-150, 0}, {30, 1}}},
  };
  return all;
}

}  // namespace

const ValuesByHand *find_values_by_hand(const std::string &op) {
  for (const ValuesByHand &values : values_by_hand())
    if (op == values.op) return &values;
  return nullptr;
}

std::string what_to_do_by_hand(const std::string &op) {
  return "tests/support/values_by_hand.cpp has no " + op +
         ": add its documentation's examples, and what its definition " +
         "gives at zeros, infinities and the ends of float32";
}

}  // namespace kiln::test
