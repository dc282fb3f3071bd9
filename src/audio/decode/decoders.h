// The two decoders behind open_source.
#pragma once

#include <memory>

#include "audio/source.h"

namespace callscope::audio {

Result<std::unique_ptr<Source>> open_sndfile(std::unique_ptr<Bytes> bytes,
                                             const SourceHints& hints);
Result<std::unique_ptr<Source>> open_opus(std::unique_ptr<Bytes> bytes, const SourceHints& hints);

// What is not finite becomes 0, and nothing is left that is 1000 times above full scale.
void make_finite(std::span<float> samples);

}  // namespace callscope::audio
