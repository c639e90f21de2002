// Sum and centred sum of squares of every segment of every plane; short_moments: of short planes, which are a segment
// each.
#include "normalization/moments.h"
#include "stages/segment_stage.h"

namespace {

using namespace kiln;

class ChannelMoments : public SegmentStage<ChannelMoments> {
 public:
  Input<double> eps{"eps"};  // a variance far below it need not be exact
  Input<int> aligned{"aligned"};

  std::unique_ptr<TwoPass> accumulator(const Segments &segments) {
    return std::make_unique<SegmentMoments>(segments, eps);
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelMoments, channel_moments)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_contiguous, channel_moments, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_channels_last, channel_moments, {{"channels_last", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(short_moments_contiguous, channel_moments,
                                {{"short_planes", "true"}, {"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(short_moments_channels_last, channel_moments,
                                {{"short_planes", "true"}, {"channels_last", "true"}})
