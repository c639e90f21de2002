// Lifecycle (docs/using/threads.md): workers start as calls ask for them, watch for the next call for a moment after
// one, and sleep then. At exit and on dlclose a destructor ends and joins them; later calls run on the calling thread.
// A forked child begins with no workers and starts its own.
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "cancellation.h"
#include "parallel.h"

namespace kiln {
namespace {

constexpr int kMaxWorkers = kMostThreads - 1;

// How long a thread watches for what it waits for before it sleeps. The calls of a network follow one another within
// microseconds; a worker that sleeps between them wakes late, and a scheduler may keep it on its waker's CPU.
constexpr int64_t kWatch = 200'000;  // ns

// One pool_for call; lives on its caller's stack. All but `next` is guarded by the pool's mutex.
struct Job {
  kiln_parallel_body body;
  void *data;
  int64_t count;
  int64_t next;  // atomic: the first index that nobody took
  int places;    // how many more workers may join
  int active;    // workers inside
  Job *link;

  bool open() const { return places > 0 && __atomic_load_n(&next, __ATOMIC_RELAXED) < count; }
  void work() {
    for (int64_t i; (i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < count;) body(data, i);
  }
};

struct Pool {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t work_arrived = PTHREAD_COND_INITIALIZER;
  pthread_cond_t worker_left = PTHREAD_COND_INITIALIZER;
  Job *jobs = nullptr;
  unsigned changes = 0;  // atomic: moves on with every job that arrives or is left, and at the stop
  bool stopping = false;
  bool fork_handled = false;
  int workers = 0;
  pthread_t threads[kMaxWorkers];
};
Pool pool;

int64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * int64_t{1'000'000'000} + t.tv_nsec;
}

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

// Holding the mutex: says that pool.jobs, a job's `active` or pool.stopping is another.
void changed() { __atomic_fetch_add(&pool.changes, 1, __ATOMIC_RELEASE); }

// Holding the mutex, which it gives up meanwhile: whether something changed within kWatch.
bool watch() {
  const unsigned before = __atomic_load_n(&pool.changes, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&pool.mutex);
  bool different = false;
  for (const int64_t end = now() + kWatch; !different && now() < end;)
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

void *worker(void *) {
  pthread_mutex_lock(&pool.mutex);
  while (!pool.stopping) {
    Job *job = open_job();
    if (!job) {
      if (!watch() && !pool.stopping && !open_job()) pthread_cond_wait(&pool.work_arrived, &pool.mutex);
      continue;
    }
    --job->places;
    ++job->active;
    pthread_mutex_unlock(&pool.mutex);
    job->work();
    pthread_mutex_lock(&pool.mutex);
    if (--job->active == 0) {
      changed();
      pthread_cond_broadcast(&pool.worker_left);
    }
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
  pool.workers = 0;
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
  changed();
  const int workers = pool.workers;
  pool.workers = 0;
  pthread_cond_broadcast(&pool.work_arrived);
  pthread_mutex_unlock(&pool.mutex);
  for (int i = 0; i < workers; ++i) pthread_join(pool.threads[i], nullptr);
}

}  // namespace

void pool_for(int threads, int64_t count, kiln_parallel_body body, void *data) {
  const int64_t helpers = (threads < count ? threads : count) - 1;
  const NotCancelled whole;
  Job job{body, data, count, 0, static_cast<int>(helpers), 0, nullptr};
  pthread_mutex_lock(&pool.mutex);
  if (pool.workers < helpers) grow(static_cast<int>(helpers));
  job.link = pool.jobs;
  pool.jobs = &job;
  changed();
  for (int i = 0; i < job.places; ++i) pthread_cond_signal(&pool.work_arrived);
  pthread_mutex_unlock(&pool.mutex);

  job.work();

  pthread_mutex_lock(&pool.mutex);
  Job **at = &pool.jobs;
  while (*at != &job) at = &(*at)->link;
  *at = job.link;
  while (job.active > 0 && watch()) {
  }
  while (job.active > 0) pthread_cond_wait(&pool.worker_left, &pool.mutex);
  pthread_mutex_unlock(&pool.mutex);
}

}  // namespace kiln
