#include "driver_state.h"

#include <algorithm>

#include "../support/failing_driver.h"

namespace kilnsim {

Driver &driver() {
  static Driver d;
  return d;
}

std::vector<CUcontext> &current_contexts() {
  thread_local std::vector<CUcontext> stack;
  return stack;
}

CUctx_st &current() {
  const auto &stack = current_contexts();
  require(!stack.empty() && stack.back(), CUDA_ERROR_INVALID_CONTEXT);
  CUctx_st *const context = stack.back();
  require(alive(context), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  require(context->fault == CUDA_SUCCESS, context->fault);
  return *context;
}

void finish(CUstream_st &stream) {
  CUctx_st &context = *stream.context;
  while (!stream.work.empty() && context.fault == CUDA_SUCCESS) {
    const auto work = std::move(stream.work.front());
    stream.work.pop_front();
    try {
      work();
    } catch (const Fault &f) {
      driver().last_fault = f.what();
      context.fault = f.code;
    }
  }
  if (context.fault != CUDA_SUCCESS) stream.work.clear();
  require(context.fault == CUDA_SUCCESS, context.fault);
}

void finish_all(CUctx_st &context) {
  finish(context.default_stream);
  for (auto &[handle, stream] : driver().streams) {
    if (stream->context == &context) finish(*stream);
  }
}

CUstream_st &queue(CUstream handle) {
  CUctx_st &context = current();
  // CU_STREAM_LEGACY and CU_STREAM_PER_THREAD are 1 and 2.
  if (reinterpret_cast<uintptr_t>(handle) <= 2) return context.default_stream;
  const auto found = driver().streams.find(handle);
  require(found != driver().streams.end() && found->second->context == &context, CUDA_ERROR_INVALID_HANDLE);
  return found->second->blocking ? context.default_stream : *found->second;
}

CUcontext make_context() {
  Driver &d = driver();
  auto made = std::make_unique<CUctx_st>();
  made->id = ++d.last_context_id;
  const CUcontext context = made.get();
  d.contexts.emplace(context, std::move(made));
  ++d.counts.contexts_made;
  return context;
}

template <class Map>
static void erase_of_context(Map &map, CUcontext context) {
  for (auto i = map.begin(); i != map.end();) i = i->second->context == context ? map.erase(i) : std::next(i);
}

void destroy(CUcontext context) {
  Driver &d = driver();
  erase_of_context(d.modules, context);
  erase_of_context(d.streams, context);
  d.contexts.erase(context);
  if (d.primary == context) d.primary = nullptr;
}

bool alive(CUcontext context) { return driver().contexts.count(context) != 0; }

}  // namespace kilnsim

using namespace kilnsim;

extern "C" {

kilnsim_counts kilnsim_counters(void) {
  Driver &d = driver();
  const std::lock_guard<std::recursive_mutex> lock(d.mutex);
  kilnsim_counts counts = d.counts;
  counts.instructions = d.execution.instructions;
  for (const auto &[handle, context] : d.contexts) {
    counts.live_allocations += context->memory.count();
    counts.live_bytes += context->memory.bytes();
  }
  return counts;
}

void kilnsim_fail_next(const char *entry_point, CUresult error) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().failures[entry_point] = error;
}

void kiln_fail_driver_call(const char *entry_point, uint64_t n) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().counted = entry_point;
  driver().calls_to_failure = n;
  driver().failed = nullptr;
}

const char *kiln_failed_driver_call(void) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().calls_to_failure = 0;
  return driver().failed;
}

uint64_t kiln_driver_images(void) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  return driver().modules.size();
}
uint64_t kiln_live_driver_memory(void) { return kilnsim_counters().live_allocations; }

const char *kilnsim_last_fault(void) {
  thread_local std::string text;
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  text = driver().last_fault;
  return text.c_str();
}

void kilnsim_set_descending(int descending) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().execution.descending = descending != 0;
}

void kilnsim_set_instruction_limit(uint64_t limit) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().execution.instruction_limit = limit;
}

void kilnsim_reset(void) {
  Driver &d = driver();
  const std::lock_guard<std::recursive_mutex> lock(d.mutex);
  while (!d.contexts.empty()) destroy(d.contexts.begin()->first);
  current_contexts().clear();
  d.initialized = false;
  d.retained = 0;
  d.failures.clear();
  d.last_fault.clear();
  d.counts = {};
  d.execution = {};
}
}
