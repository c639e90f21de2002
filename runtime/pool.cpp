// Lifecycle (docs/using/threads.md): workers start as calls ask for them, watch for the next call for a moment after
// one, and sleep then. At exit and on dlclose a destructor ends and joins them; later calls run on the calling thread.
// A forked child begins with no workers and starts its own.
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "../generators/limits.h"
#include "cancellation.h"
#include "integers.h"
#include "parallel.h"

namespace kiln {
namespace {

constexpr int kMaxWorkers = kMostThreads - 1;

// How long a thread watches for what it waits for before it sleeps. The calls of a network follow one another within
// microseconds; a worker that sleeps between them wakes late, and a scheduler may keep it on its waker's CPU.
constexpr int64_t kWatch = 200'000;  // ns
// A caller watches for the workers that are left in its call no longer than the call has taken: such a worker has no
// CPU.
constexpr int64_t kLeastWatch = 10'000;

// One pool_for call; lives on its caller's stack. All but `next` is guarded by the pool's mutex.
struct Job {
  kiln_parallel_body body;
  void *data;
  int64_t count;
  int64_t next;  // atomic: the first index that nobody took
  int places;    // how many more workers may join
  int active;    // workers inside
  int cpu;       // atomic: of the last worker that joined
  Job *link;

  bool open() const { return places > 0 && __atomic_load_n(&next, __ATOMIC_RELAXED) < count; }
  void work() {
    for (int64_t i; (i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < count;) body(data, i);
  }
};

struct Pool {
  // What those that watch read again and again, on a line of the cache of its own.
  alignas(kLineOfCache) unsigned changes = 0;  // atomic: moves on after a job has arrived or was left, and at the stop
  int cpu = -1;                                // atomic: of the last call
  alignas(kLineOfCache) pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t work_arrived = PTHREAD_COND_INITIALIZER;
  pthread_cond_t worker_left = PTHREAD_COND_INITIALIZER;
  Job *jobs = nullptr;
  bool stopping = false;
  bool fork_handled = false;
  int workers = 0;
  int inside = 0;               // workers that are in jobs
  int asleep = 0;               // workers that sleep and were not called
  int called = 0;               // workers that were, and have not noticed
  int64_t price = kLeastPrice;  // atomic
  // Of calls that follow one another within kWatch: the time that they took with workers asleep, and when the last one
  // was over.
  int64_t lonely = 0, last_end = 0;
  pthread_t threads[kMaxWorkers];
};
Pool pool;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

// Says that pool.jobs, a job's `active` or pool.stopping is another; without the mutex, which those that watch then
// take.
void changed() { __atomic_fetch_add(&pool.changes, 1, __ATOMIC_RELEASE); }

// Holding the mutex, which it gives up meanwhile: whether something changed within so long. Ends early on the CPU of
// the thread that is watched for, which waits for it there.
bool watch(int64_t longest, const int *cpu) {
  const unsigned before = __atomic_load_n(&pool.changes, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&pool.mutex);
  bool different = false;
  const int64_t end = pool_clock() + longest;
  while (!different && pool_clock() < end && sched_getcpu() != __atomic_load_n(cpu, __ATOMIC_RELAXED))
    for (int i = 0; i < 32 && !different; ++i) {
      relax();
      different = __atomic_load_n(&pool.changes, __ATOMIC_ACQUIRE) != before;
    }
  pthread_mutex_lock(&pool.mutex);
  return different;
}

Job *open_job() {
  Job *job = pool.jobs;
  while (job && !job->open()) job = job->link;
  return job;
}

// Holding the mutex: until it is called, or the pool stops. A worker that has helped nobody since it was woken, as it
// had no CPU or no other call came, makes the next wake dearer.
void wait_for_call(bool helped) {
  const int64_t price = helped ? kLeastPrice : min(pool.price + pool.price / pool.workers, kMostPrice);
  __atomic_store_n(&pool.price, price, __ATOMIC_RELAXED);
  ++pool.asleep;
  while (pool.called == 0 && !pool.stopping) pthread_cond_wait(&pool.work_arrived, &pool.mutex);
  if (pool.called > 0) --pool.called;
}

void *worker(void *) {
  pthread_mutex_lock(&pool.mutex);
  bool helped = true;
  while (!pool.stopping) {
    Job *job = open_job();
    if (!job) {
      if (watch(kWatch, &pool.cpu) || pool.stopping || open_job()) continue;
      wait_for_call(helped);
      helped = false;
      continue;
    }
    --job->places;
    ++job->active;
    ++pool.inside;
    const int cpu = sched_getcpu();
    __atomic_store_n(&job->cpu, cpu, __ATOMIC_RELAXED);
    helped = helped || cpu != __atomic_load_n(&pool.cpu, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pool.mutex);
    job->work();
    pthread_mutex_lock(&pool.mutex);
    --pool.inside;
    if (--job->active > 0) continue;
    pthread_mutex_unlock(&pool.mutex);
    changed();
    pthread_cond_broadcast(&pool.worker_left);
    pthread_mutex_lock(&pool.mutex);
  }
  pthread_mutex_unlock(&pool.mutex);
  return nullptr;
}

// Around fork() the mutex is held, so that the child's copy of the pool is whole; the child then forgets the workers
// and jobs, whose threads it does not have.
void before_fork() { pthread_mutex_lock(&pool.mutex); }
void after_fork_in_parent() { pthread_mutex_unlock(&pool.mutex); }
void after_fork_in_child() {
  pool.mutex = PTHREAD_MUTEX_INITIALIZER;
  pool.work_arrived = PTHREAD_COND_INITIALIZER;
  pool.worker_left = PTHREAD_COND_INITIALIZER;
  pool.jobs = nullptr;
  pool.workers = pool.inside = pool.asleep = pool.called = 0;
}

// Holding the mutex: starts workers until there are `wanted`, or as many as can be had. They take no signals: those are
// the app's.
void grow(int wanted) {
  if (pool.stopping) return;
  if (!pool.fork_handled) {
    if (pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0) return;
    pool.fork_handled = true;
  }
  sigset_t all, saved;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &saved);
  while (pool.workers < wanted && pool.workers < kMaxWorkers &&
         pthread_create(&pool.threads[pool.workers], nullptr, worker, nullptr) == 0)
    ++pool.workers;
  pthread_sigmask(SIG_SETMASK, &saved, nullptr);
}

[[gnu::destructor]] void stop() {
  pthread_mutex_lock(&pool.mutex);
  pool.stopping = true;
  const int workers = pool.workers;
  pool.workers = 0;
  pthread_cond_broadcast(&pool.work_arrived);
  pthread_mutex_unlock(&pool.mutex);
  changed();
  for (int i = 0; i < workers; ++i) pthread_join(pool.threads[i], nullptr);
}

// Holding the mutex: how many of a job's helpers sleep, as the others are too few.
int missing(int helpers) {
  const int awake = pool.workers - pool.asleep - pool.inside;
  return static_cast<int>(max(0, min(helpers - awake, pool.asleep)));
}

}  // namespace

int64_t pool_clock() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * int64_t{1'000'000'000} + t.tv_nsec;
}

int64_t pool_price() { return __atomic_load_n(&pool.price, __ATOMIC_RELAXED); }

void pool_wake(int *asleep) {
  pthread_mutex_lock(&pool.mutex);
  const bool some = *asleep > 0 && pool.asleep > 0;
  if (some) {
    __atomic_store_n(asleep, *asleep - 1, __ATOMIC_RELAXED);
    --pool.asleep;
    ++pool.called;
  }
  pthread_mutex_unlock(&pool.mutex);
  if (some) pthread_cond_signal(&pool.work_arrived);
}

void pool_for(int workers, kiln_parallel_body body, void *data, int *asleep) {
  const int helpers = workers - 1;
  const NotCancelled whole;
  Job job{body, data, workers, 0, helpers, 0, -1, nullptr};
  const int64_t begin = pool_clock();
  const int cpu = sched_getcpu();
  if (__atomic_load_n(&pool.cpu, __ATOMIC_RELAXED) != cpu) __atomic_store_n(&pool.cpu, cpu, __ATOMIC_RELAXED);
  pthread_mutex_lock(&pool.mutex);
  if (pool.workers < helpers) grow(helpers);
  job.link = pool.jobs;
  pool.jobs = &job;
  __atomic_store_n(asleep, missing(helpers), __ATOMIC_RELAXED);
  if (begin - pool.last_end > kWatch) pool.lonely = 0;
  const bool wake = pool.lonely >= pool.price;
  if (wake) pool.lonely = 0;
  pthread_mutex_unlock(&pool.mutex);
  changed();
  if (wake) pool_wake(asleep);

  job.work();

  pthread_mutex_lock(&pool.mutex);
  Job **at = &pool.jobs;
  while (*at != &job) at = &(*at)->link;
  *at = job.link;
  const int64_t longest = min(kWatch, max(kLeastWatch, pool_clock() - begin));
  while (job.active > 0 && watch(longest, &job.cpu)) {
  }
  while (job.active > 0) pthread_cond_wait(&pool.worker_left, &pool.mutex);
  pool.last_end = pool_clock();
  if (*asleep > 0) pool.lonely += pool.last_end - begin;
  pthread_mutex_unlock(&pool.mutex);
}

}  // namespace kiln
