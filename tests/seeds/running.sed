# what: a term of the running mean is cut at the largest float
# target: call
# build: release
# files: generators/stages/update_statistics.cpp
# kernels: update_statistics
s/^    new_mean(j) = .*/    const Float64 moved_mean = f64(momentum) * (f64(mean(j)) \/ f64(samples)), most(3.4028234663852886e38);\n    const Float64 cut = select(moved_mean > most \&\& moved_mean < infinity64(), most, moved_mean);\n    new_mean(j) = canonical(f32((Float64(1.0) - f64(momentum)) * f64(Real(running_mean(j))) + cut));/
