// What most tests include of other libraries, compiled once (tests/CMakeLists.txt). A test includes what it uses all
// the same.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>
