// Kiln's own threads: one pool a process, started by the first call that needs it.
#pragma once

#include <kiln/kiln.h>

namespace kiln {

// What is left of a call is worth waking a worker where it takes each of those present as long as the price: the least
// one, but more after wakes that helped nobody. The thread that wakes one loses some 8 us, and the worker begins some
// 20 us later, with none of the data in its caches.
constexpr int64_t kLeastPrice = 100'000, kMostPrice = 4 * kLeastPrice;  // ns
int64_t pool_price();

// Runs body(data, i) for each i in [0, workers) on the calling thread and at most workers - 1 of the pool's, those that
// are awake. *asleep is how many that sleep the call could use besides; it is read as an atomic. One is woken at once
// where calls that follow one another have taken the price without it. Any number of threads may call. Where threads
// cannot be started the calling thread does the work alone.
void pool_for(int workers, kiln_parallel_body body, void *data, int *asleep);

// Wakes one of them, by any of the threads that are in the call.
void pool_wake(int *asleep);

int64_t pool_clock();  // ns

}  // namespace kiln
