# what: a thread that has called cannot be cancelled any more
# test: thread_faults
# build: release
# files: runtime/cancellation.h
s/~NotCancelled() { .* }/~NotCancelled() = default;/
