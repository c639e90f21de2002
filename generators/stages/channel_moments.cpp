// Sum and centred sum of squares of every segment of every plane.
#include "normalization/moments.h"
#include "stages/segment_stage.h"

namespace {

using namespace kiln;

class ChannelMoments : public SegmentStage<ChannelMoments> {
 public:
  Input<int> aligned{"aligned"};

  std::unique_ptr<TwoPass> accumulator(const Segments &segments) {
    return std::make_unique<SegmentMoments>(segments, eps);
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelMoments, channel_moments)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_contiguous, channel_moments, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_channels_last, channel_moments, {{"channels_last", "true"}})
