// What the driver's entry points share: contexts, streams, modules, counts.
#pragma once

#include <string.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "executor.h"
#include "simulator.h"
#include "warp.h"

struct CUfunc_st {
  CUcontext context;
  const kilnsim::Kernel *kernel;
  unsigned dynamic_shared_limit;  // cuFuncSetAttribute raises it
};

struct CUmod_st {
  CUcontext context;
  std::unique_ptr<kilnsim::Program> program;
  std::map<std::string, std::unique_ptr<CUfunc_st>> functions;
};

// Work waits in its stream until something has to wait for it: so results that are read too early are not there.
struct CUstream_st {
  CUcontext context;
  bool blocking;  // ordered with the default stream
  std::deque<std::function<void()>> work;
};

struct CUctx_st {
  unsigned long long id;
  kilnsim::DeviceMemory memory;
  CUstream_st default_stream{this, true, {}};  // holds the work of all blocking streams, in order
  CUresult fault = CUDA_SUCCESS;               // of a kernel; every later call returns it
};

namespace kilnsim {

constexpr const char *kDeviceName = "PTX simulator (not a GPU)";
constexpr unsigned kSharedBytes = 48 << 10, kSharedBytesOptIn = 163 << 10;  // per block, as on compute capability 8.0

struct Driver {
  std::recursive_mutex mutex;
  bool initialized = false;
  std::map<CUcontext, std::unique_ptr<CUctx_st>> contexts;
  CUcontext primary = nullptr;
  unsigned retained = 0;  // the primary one
  std::map<CUmodule, std::unique_ptr<CUmod_st>> modules;
  std::map<CUstream, std::unique_ptr<CUstream_st>> streams;
  std::map<std::string, CUresult> failures;  // by entry point
  uint64_t calls_to_failure = 0;             // with the one that fails; 0: none does
  const char *counted = nullptr;             // an entry point; NULL: all are
  const char *failed = nullptr;              // its entry point
  std::string last_fault;
  kilnsim_counts counts{};
  unsigned long long last_context_id = 0;
  Execution execution;
};

Driver &driver();
std::vector<CUcontext> &current_contexts();  // of this thread, the last one is current

// Thrown inside of an entry point: what it returns.
struct Failure {
  CUresult code;
};
inline void require(bool condition, CUresult code) {
  if (!condition) throw Failure{code};
}

// The current context, which must be there, alive and without a fault.
CUctx_st &current();
// Does the work that waits in a stream.
void finish(CUstream_st &);
void finish_all(CUctx_st &);
// The queue behind a handle: null and the driver's special handles are the default stream, blocking streams share it.
CUstream_st &queue(CUstream);
CUcontext make_context();
void destroy(CUcontext);
bool alive(CUcontext);

// What every entry point does: injected failures, the state of the driver, exceptions to codes.
template <class F>
CUresult entry(const char *name, F &&body, bool needs_init = true) {
  Driver &d = driver();
  const std::lock_guard<std::recursive_mutex> lock(d.mutex);
  const auto failure = d.failures.find(name);
  if (failure != d.failures.end()) {
    const CUresult code = failure->second;
    d.failures.erase(failure);
    return code;
  }
  const bool counted = !d.counted || strcmp(d.counted, name) == 0;
  if (counted && d.calls_to_failure > 0 && --d.calls_to_failure == 0) {
    d.failed = name;
    return CUDA_ERROR_UNKNOWN;
  }
  if (needs_init && !d.initialized) return CUDA_ERROR_NOT_INITIALIZED;
  try {
    body(d);
    return CUDA_SUCCESS;
  } catch (const Failure &f) {
    return f.code;
  } catch (const std::bad_alloc &) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception &e) {
    d.last_fault = e.what();
    return CUDA_ERROR_UNKNOWN;
  }
}

}  // namespace kilnsim
