// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// Contexts: how calls are carried out.
#ifndef KILN_CONTEXT_HPP
#define KILN_CONTEXT_HPP

#include <atomic>
#include <cstddef>
#include <exception>
#include <kiln/error.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace kiln {
#ifdef __cpp_exceptions
inline namespace throwing {
#else
inline namespace returning {
#endif

/// What the app's own way to share out work gets: body(i) does a piece.
class ParallelBody {
 public:
  /// Made by a Context, of what kiln_parallel_for gets.
  ParallelBody(int64_t count, kiln_parallel_body body, void *data, std::atomic<int64_t> *next)
      : count_(count), body_(body), data_(data), next_(next) {}
  /// Each call takes the next piece that is left, whatever i is.
  void operator()(int64_t) const noexcept { run_next(); }
  /// Does the next piece that is left, and says whether there was one.
  bool run_next() const noexcept {
    const int64_t i = next_->fetch_add(1, std::memory_order_relaxed);
    if (i < count_) body_(data_, i);
    return i < count_;
  }

 private:
  int64_t count_;
  kiln_parallel_body body_;
  void *data_;
  std::atomic<int64_t> *next_;
};

namespace detail {

#ifdef __cpp_exceptions
// A call in this thread, and what it throws when the C function is back, through which nothing may be thrown.
class Call {
 public:
  Call() : outer_(innermost()) { innermost() = this; }
  ~Call() { innermost() = outer_; }
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }
  static void keep(std::exception_ptr thrown) noexcept {
    if (innermost() && !innermost()->thrown_) innermost()->thrown_ = std::move(thrown);
  }

 private:
  static Call *&innermost() noexcept {
    static thread_local Call *call = nullptr;
    return call;
  }
  Call *outer_;
  std::exception_ptr thrown_;
};
#endif

// A kiln_parallel_for whose data is the app's function. What that leaves undone, since it threw, is done here.
template <class Function>
void share_out(void *function, int64_t count, kiln_parallel_body body, void *data) noexcept {
  std::atomic<int64_t> next{0};
  const ParallelBody pieces(count, body, data, &next);
#ifdef __cpp_exceptions
  try {
    (*static_cast<Function *>(function))(count, pieces);
  } catch (...) {
    Call::keep(std::current_exception());
  }
#else
  (*static_cast<Function *>(function))(count, pieces);
#endif
  while (pieces.run_next()) {
  }
}

}  // namespace detail

/// Owns a kiln_context. A default-made one has every setting at its default.
class Context {
 public:
  /// Every setting at its default.
  Context() {
    kiln_context *raw = nullptr;
    set(kiln_context_create(&raw));
    context_.reset(raw);
  }
  /// kiln_context_set_num_threads.
  Context &num_threads(int n) { return set(kiln_context_set_num_threads(get(), n)); }
  /// kiln_context_set_accuracy.
  Context &accuracy(kiln_accuracy a) { return set(kiln_context_set_accuracy(get(), a)); }
  /// kiln_context_set_cuda_stream.
  Context &cuda_stream(void *stream) { return set(kiln_context_set_cuda_stream(get(), stream)); }
  /// kiln_context_set_opencl_queue.
  Context &opencl_queue(void *queue) { return set(kiln_context_set_opencl_queue(get(), queue)); }
  /// kiln_context_set_isa.
  Context &isa(const char *name) { return set(kiln_context_set_isa(get(), name)); }
  /// kiln_context_set_workspace.
  Context &workspace(void *memory, size_t bytes) { return set(kiln_context_set_workspace(get(), memory, bytes)); }
  /// kiln_context_set_streaming.
  Context &streaming(size_t bytes) { return set(kiln_context_set_streaming(get(), bytes)); }
  /// kiln_context_workspace_peak.
  size_t workspace_peak() const noexcept { return kiln_context_workspace_peak(get()); }
  /// kiln_context_set_parallel_for.
  Context &parallel_for(kiln_parallel_for f, void *data) { return share_out(f, data, {nullptr, nullptr}); }
  /// Back to Kiln's own threads.
  Context &parallel_for(std::nullptr_t) { return parallel_for(nullptr, nullptr); }
  /// The app's own threads: `function(count, body)` calls body(i) for each i in [0, count), on any threads, and comes
  /// back when these calls have. `body` is a ParallelBody, which may be copied. The context keeps a copy of the
  /// function and calls it from each thread that uses the context. What it throws comes out of the operator, whose
  /// output is complete by then; from a function of kiln.h nothing comes out. It may not throw while a body runs.
  template <class Function>
  Context &parallel_for(Function function) {
    static_assert(std::is_invocable_v<Function &, int64_t, const ParallelBody &>,
                  "kiln::Context: parallel_for takes a function of (int64_t count, kiln::ParallelBody body)");
    Owned owned(new Function(std::move(function)), [](void *f) { delete static_cast<Function *>(f); });
    void *const data = owned.get();
    return share_out(detail::share_out<Function>, data, std::move(owned));
  }
  /// The context as functions of kiln.h take it.
  kiln_context *get() const noexcept { return context_.get(); }
  /// The first failure; a context that has one is refused by all functions.
  kiln_status status() const noexcept { return status_; }

 private:
  using Owned = std::unique_ptr<void, void (*)(void *)>;
  Context &set(kiln_status status) {
    if (status_ == KILN_STATUS_OK) status_ = status;
    check(status);
    return *this;
  }
  Context &share_out(kiln_parallel_for f, void *data, Owned function) {
    set(kiln_context_set_parallel_for(get(), f, data));
    function_ = std::move(function);
    return *this;
  }
  struct Destroy {
    void operator()(kiln_context *c) const noexcept { kiln_context_destroy(c); }
  };
  kiln_status status_ = KILN_STATUS_OK;
  Owned function_{nullptr, nullptr};
  std::unique_ptr<kiln_context, Destroy> context_;
};

}  // namespace throwing or returning
}  // namespace kiln
#endif
