# what: OMP_NUM_THREADS goes before KILN_NUM_THREADS
# test: threads
# build: release
# files: runtime/threads.cpp
s/if (const char \*text = sources.kiln_num_threads; text && \*text) {/if (const char *text = sources.kiln_num_threads; text \&\& *text \&\& !sources.omp_num_threads) {/
