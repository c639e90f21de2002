// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// What kiln.hpp does about failures.
#ifndef KILN_ERROR_HPP
#define KILN_ERROR_HPP

#include <kiln/kiln.h>

#include <stdexcept>
#include <string>

namespace kiln {
#ifdef __cpp_exceptions
inline namespace throwing {

/// What every failure throws; what() is kiln_last_error() where a function of kiln.h failed.
class Error : public std::runtime_error {
 public:
  /// With the text that what() gives.
  Error(kiln_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
  /// What the function returned.
  kiln_status status() const noexcept { return status_; }

 private:
  kiln_status status_;
};

/// What functions return that can fail: nothing, or a kiln_status in a file that is compiled without exceptions.
using Result = void;

namespace detail {
[[noreturn]] inline kiln_status fail(kiln_status status, const std::string &message) { throw Error(status, message); }
}  // namespace detail

/// Throws an Error of kiln_last_error() for a status of kiln.h that is not KILN_STATUS_OK; without exceptions, keeps it
/// for last_error() and returns the status.
inline Result check(kiln_status status) {
  if (status != KILN_STATUS_OK) detail::fail(status, kiln_last_error());
}
#else
inline namespace returning {

using Result = kiln_status;

namespace detail {
inline std::string &message() {
  static thread_local std::string text;
  return text;
}
inline kiln_status fail(kiln_status status, const std::string &text) {
  message() = text;
  return status;
}
}  // namespace detail

/// What went wrong in this thread's latest failure.
inline const char *last_error() { return detail::message().c_str(); }

inline Result check(kiln_status status) {
  return status == KILN_STATUS_OK ? status : detail::fail(status, kiln_last_error());
}
#endif

}  // namespace throwing or returning
}  // namespace kiln
#endif
