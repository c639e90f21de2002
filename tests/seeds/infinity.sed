# what: an infinite factor makes the rest NaN
# target: call
# build: release
# files: generators/stages/channel_coefficients.cpp
# kernels: channel_coefficients
s/all\.numbers()/Coefficients{all.scale, all.shift, all.factor, select(is_finite(all.factor), all.rest, all.factor - all.factor)}.numbers()/
