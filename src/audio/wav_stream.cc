#include "audio/wav_stream.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

void append_pcm16(std::string& out, float sample) {
  const long value = std::clamp(std::lround(sample * 32768.0F), -32768L, 32767L);
  put(out, static_cast<uint64_t>(value), 2);
}

constexpr int64_t kFramesAtOnce = 8192;

}  // namespace

Result<WavStream> WavStream::open(std::unique_ptr<Source> source, std::optional<int64_t> frames) {
  const AudioInfo& info = source->info();
  if (!frames && info.frames_expected > 0) frames = info.frames_expected;
  if (!frames) frames = info.frames_stated;
  if (!frames || *frames < 0) {
    return Error{ErrorCode::kUnsupported, "the recording's length is not known"};
  }
  WavStream stream;
  stream.frame_bytes_ = 2 * static_cast<uint64_t>(info.channels);
  stream.data_bytes_ = stream.frame_bytes_ * static_cast<uint64_t>(*frames);
  stream.source_ = std::move(source);
  return stream;
}

std::string WavStream::header() const {
  const auto channels = static_cast<uint64_t>(source_->info().channels);
  const auto rate = static_cast<uint64_t>(source_->info().sample_rate_hz);
  std::string out = "RIFF";
  // A file over 4 GiB cannot state its length; players then read to its end.
  put(out, std::min<uint64_t>(36 + data_bytes_, 0xFFFFFFFF), 4);
  out += "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);  // PCM
  put(out, channels, 2);
  put(out, rate, 4);
  put(out, rate * frame_bytes_, 4);
  put(out, frame_bytes_, 2);
  put(out, 16, 2);
  out += "data";
  put(out, std::min<uint64_t>(data_bytes_, 0xFFFFFFFF), 4);
  return out;
}

Result<std::string> WavStream::read(uint64_t offset, size_t size) {
  std::string out;
  if (offset >= this->size()) return out;
  const uint64_t end =
      std::min<uint64_t>(this->size(), offset + std::min<uint64_t>(size, this->size()));
  if (offset < kHeaderBytes) {
    out = header().substr(static_cast<size_t>(offset),
                          static_cast<size_t>(std::min(end, kHeaderBytes) - offset));
    offset = std::min(end, kHeaderBytes);
  }
  if (offset == end) return out;
  const uint64_t from = offset - kHeaderBytes;
  const uint64_t to = end - kHeaderBytes;
  const auto first = static_cast<int64_t>(from / frame_bytes_);
  const auto behind = static_cast<int64_t>((to + frame_bytes_ - 1) / frame_bytes_);
  std::string frames;
  TRY(append_frames(first, behind - first, frames));
  out += std::string_view(frames).substr(static_cast<size_t>(from % frame_bytes_),
                                         static_cast<size_t>(to - from));
  return out;
}

Result<void> WavStream::append_frames(int64_t first, int64_t count, std::string& out) {
  const auto channels = static_cast<size_t>(source_->info().channels);
  out.reserve(out.size() + static_cast<size_t>(count) * channels * 2);
  bool ended = false;
  if (at_frame_ != first) {
    // Where the data end before the length that was stated there is nothing to seek to.
    if (!source_->seek(first)) ended = true;
    at_frame_ = first;
  }
  while (count > 0) {
    const int64_t wanted = std::min(count, kFramesAtOnce);
    samples_.assign(static_cast<size_t>(wanted) * channels, 0.0F);
    const size_t got = ended ? 0 : TRY(source_->read(samples_));
    ended = ended || got == 0;
    const size_t frames = ended ? static_cast<size_t>(wanted) : got;
    for (size_t i = 0; i < frames * channels; ++i) append_pcm16(out, samples_[i]);
    at_frame_ += static_cast<int64_t>(frames);
    count -= static_cast<int64_t>(frames);
  }
  if (ended) at_frame_ = -1;  // the source stands elsewhere: the next read seeks
  return {};
}

}  // namespace callscope::audio
