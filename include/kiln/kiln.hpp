// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// The C++ face of Kiln, for C++17 and later: views on memory that you own, PyTorch's default arguments, errors as
/// exceptions. Header only, over kiln.h, whose conventions hold here too.
///
///     std::vector<float> x = ..., y(x.size());
///     kiln::silu(kiln::view(x), kiln::view(y));
///     kiln::layer_norm(kiln::view(x, {8, 768}), {768}, kiln::view(y, {8, 768}));
///
/// Whatever fails throws kiln::Error. In a file that is compiled without exceptions, functions return a kiln_status
/// where they return nothing here, View and Context have status(), and kiln::last_error() has the text. Files of both
/// kinds may be parts of one program.
#ifndef KILN_KILN_HPP
#define KILN_KILN_HPP

#include <kiln/context.hpp>
#include <kiln/element.hpp>
#include <kiln/error.hpp>
#include <kiln/memory.hpp>
#include <kiln/operators.hpp>
#include <kiln/view.hpp>

#endif
