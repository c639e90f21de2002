/* A shared library needs a source; everything in this one comes from libkiln.a. */
typedef int kiln_shared_is_libkiln;
