#include "serve/recording_audio.h"

#include <algorithm>
#include <cstring>

#include "audio/source.h"
#include "audio/wav_stream.h"
#include "listen/object_bytes.h"

namespace callscope::serve {
namespace {

class ObjectSource final : public http::BodySource {
 public:
  explicit ObjectSource(std::shared_ptr<const store::ObjectReader> object)
      : object_(std::move(object)) {}
  uint64_t size() const override { return object_->size(); }
  Result<void> read(uint64_t offset, std::span<char> out) override {
    return object_->read(offset, out);
  }

 private:
  const std::shared_ptr<const store::ObjectReader> object_;
};

class WavSource final : public http::BodySource {
 public:
  explicit WavSource(audio::WavStream stream) : stream_(std::move(stream)) {}
  uint64_t size() const override { return stream_.size(); }
  Result<void> read(uint64_t offset, std::span<char> out) override {
    while (!out.empty()) {
      const std::string bytes = TRY(stream_.read(offset, out.size()));
      if (bytes.empty()) return Error{ErrorCode::kDataLoss, "the recording ends early"};
      std::memcpy(out.data(), bytes.data(), bytes.size());
      offset += bytes.size();
      out = out.subspan(bytes.size());
    }
    return {};
  }

 private:
  audio::WavStream stream_;
};

}  // namespace

bool is_playable(const store::Recording& recording) {
  if (recording.format != "wav") return recording.format != "raw";
  return recording.encoding == "u8" || recording.encoding == "s16le" ||
         recording.encoding == "s24le" || recording.encoding == "f32le";
}

RecordingAudio original_audio(const store::Recording& recording,
                              std::shared_ptr<const store::ObjectReader> object) {
  return {recording.content_type, std::make_shared<ObjectSource>(std::move(object)), false};
}

Result<RecordingAudio> playable_audio(const store::Recording& recording,
                                      std::shared_ptr<const store::ObjectReader> object) {
  if (is_playable(recording)) return original_audio(recording, std::move(object));
  audio::SourceHints hints;
  if (recording.format == "raw") {
    const auto encoding = audio::raw_encoding(recording.encoding);
    // One that the decoder does not know is sent as it came.
    if (!encoding) return original_audio(recording, std::move(object));
    hints.raw.emplace(audio::RawFormat{
        .encoding = *encoding,
        .channels = static_cast<int>(recording.channels.value_or(1)),
        .sample_rate_hz = static_cast<int>(recording.sample_rate_hz.value_or(8'000))});
  }
  auto source = TRY(audio::open_source(listen::object_bytes(object), hints));
  auto stream = TRY(audio::WavStream::open(std::move(source)));
  return RecordingAudio{"audio/wav", std::make_shared<WavSource>(std::move(stream)), true};
}

}  // namespace callscope::serve
