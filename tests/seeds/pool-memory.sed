# what: pieces of work that run at once share working memory
# test: callback_pools
# build: release
# files: runtime/parallel.cpp
s/job.task(job.data, i, static_cast<int>(worker));/job.task(job.data, i, 0 * static_cast<int>(worker));/
