# what: an infinite factor makes the rest NaN
# target: call
# build: release
# files: generators/stages/channel_coefficients.cpp
# kernels: channel_coefficients
s/all\.rest\.expr()/(select(is_finite(all.factor), all.rest, all.factor - all.factor)).expr()/
