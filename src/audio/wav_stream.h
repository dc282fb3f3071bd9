// A recording as the 16-bit WAV file it would be, of which any byte can be had without the bytes
// before it: for formats that browsers do not play, with HTTP's ranges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/source.h"

namespace callscope::audio {

class WavStream {
 public:
  // `frames` is the recording's true length, as an analysis found it; without it the header's word
  // is taken, and where the data end before that, silence follows. kUnsupported where neither is
  // known.
  static Result<WavStream> open(std::unique_ptr<Source> source, std::optional<int64_t> frames = {});

  uint64_t size() const { return kHeaderBytes + data_bytes_; }
  // Bytes [offset, offset + size) of the file, fewer at its end. Reading on from where the last
  // call ended costs no seek.
  Result<std::string> read(uint64_t offset, size_t size);

 private:
  static constexpr uint64_t kHeaderBytes = 44;

  WavStream() = default;
  std::string header() const;
  Result<void> append_frames(int64_t first, int64_t count, std::string& out);

  std::unique_ptr<Source> source_;
  uint64_t data_bytes_ = 0;
  uint64_t frame_bytes_ = 0;
  int64_t at_frame_ = 0;  // where the source stands
  std::vector<float> samples_;
};

}  // namespace callscope::audio
