#include "audio/silero/weights.h"

namespace callscope::audio::silero {
namespace {

constexpr std::string_view kMagic = "CSVAD001";
// Behind the magic, in floats.
constexpr size_t kFloats = (128 * 129 * 3 + 128) + (64 * 128 * 3 + 64) + (64 * 64 * 3 + 64) +
                           (128 * 64 * 3 + 128) + 2 * kGates * kHidden + 2 * kGates + kHidden + 1;

}  // namespace

Result<Weights> parse_weights(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() != kMagic.size() + kFloats * sizeof(float)) {
    return Error{ErrorCode::kDataLoss, "the speech detector's weights are not what was built in"};
  }
  const auto* at = reinterpret_cast<const float*>(bytes.data() + kMagic.size());
  const auto take = [&at](int count) {
    const float* const taken = at;
    at += count;
    return taken;
  };
  Weights weights;
  int layer = 0;
  for (const auto& [out, in] : {std::pair(128, 129), {64, 128}, {64, 64}, {128, 64}}) {
    Conv& conv = weights.conv[layer++];
    conv.out = out;
    conv.in = in;
    conv.weight = take(out * in * 3);
    conv.bias = take(out);
  }
  weights.lstm_input = take(kGates * kHidden);
  weights.lstm_recurrent = take(kGates * kHidden);
  weights.lstm_bias = take(2 * kGates);
  weights.output = take(kHidden);
  weights.output_bias = *take(1);
  return weights;
}

}  // namespace callscope::audio::silero
