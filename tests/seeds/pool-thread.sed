# what: pieces of work find the call by the thread that they run on
# test: callback_pools
# build: release
# files: runtime/parallel.cpp
s/^void work(void \*opaque, int64_t worker) {/thread_local Job *job_of_thread;\n&/
s/^  Job &job = \*static_cast<Job \*>(opaque);/  if (!job_of_thread) job_of_thread = static_cast<Job *>(opaque);\n  Job \&job = *job_of_thread;/
s/^    context.parallel_for(.*/    job_of_thread = \&job, context.parallel_for(context.parallel_for_data, workers, work, nullptr);/
