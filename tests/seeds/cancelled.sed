# what: a thread is cancelled inside a call
# test: thread_faults
# build: release
# files: runtime/cancellation.h
s/PTHREAD_CANCEL_DISABLE/PTHREAD_CANCEL_ENABLE/
