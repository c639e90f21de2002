// pthread_cancel() of a thread that is inside a call.
#pragma once

#include <pthread.h>

namespace kiln {

// While one lives, its thread is not cancelled: what waits, or reads files, would end with a lock held or with work
// under way on memory that is gone. The request stays, and is served at the thread's next cancellation point.
class NotCancelled {
 public:
  NotCancelled() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~NotCancelled() { pthread_setcancelstate(before_, &before_); }
  NotCancelled(const NotCancelled &) = delete;
  NotCancelled &operator=(const NotCancelled &) = delete;

 private:
  int before_;
};

}  // namespace kiln
