// The two decoders behind open_source.
#pragma once

#include <memory>

#include "audio/source.h"

namespace callscope::audio {

Result<std::unique_ptr<Source>> open_sndfile(std::unique_ptr<Bytes> bytes,
                                             const SourceHints& hints);
Result<std::unique_ptr<Source>> open_opus(std::unique_ptr<Bytes> bytes, const SourceHints& hints);

// Frames that the header of a WAV file states, however many bytes follow it; nullopt where there is
// no such header or it leaves the length open, as one written to a stream does.
std::optional<int64_t> wav_frames_stated(const Bytes& bytes);

// What is not finite becomes 0.
void make_finite(std::span<float> samples);

}  // namespace callscope::audio
