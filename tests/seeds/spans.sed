# what: whole blocks go to a kernel, whatever the span of their indices
# target: call
# build: release
# files: runtime/plans/reduction.cpp runtime/stages.h
/const bool reached = /,/;/c\    const bool reached = true;
s/if (!(fits(arguments) && ...)) return refuse();/static_cast<void>((fits(arguments) \&\& ...));/
