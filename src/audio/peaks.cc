#include "audio/peaks.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace callscope::audio {
namespace {

constexpr std::string_view kMagic = "CSPEAK01";
constexpr size_t kHeaderBytes = 32;

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}
uint64_t get(std::string_view in, size_t at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;)
    value = value << 8 | static_cast<uint8_t>(in[at + static_cast<size_t>(i)]);
  return value;
}

// Outwards, so that a sample that is not zero shows.
int8_t rounded_down(float value) {
  return static_cast<int8_t>(std::clamp(std::floor(value * 127), -127.0F, 127.0F));
}
int8_t rounded_up(float value) {
  return static_cast<int8_t>(std::clamp(std::ceil(value * 127), -127.0F, 127.0F));
}

uint64_t bucket_samples(int level) { return uint64_t{kPeakBucketSamples} << (2 * level); }
uint64_t bucket_count(uint64_t samples, int level) {
  return samples / bucket_samples(level) + (samples % bucket_samples(level) != 0 ? 1 : 0);
}

struct Header {
  int channels = 0;
  int levels = 0;
  int first_level = 0;
  uint64_t samples = 0;
  uint32_t sample_rate_hz = 0;

  uint64_t level_bytes(int level) const {
    return bucket_count(samples, level) * 2 * static_cast<uint64_t>(channels);
  }
};

void put_header(std::string& out, const Header& header) {
  out += kMagic;
  put(out, static_cast<uint64_t>(header.channels), 2);
  put(out, static_cast<uint64_t>(header.levels), 1);
  put(out, static_cast<uint64_t>(header.first_level), 1);
  put(out, header.sample_rate_hz, 4);
  put(out, header.samples, 8);
  put(out, kPeakBucketSamples, 4);
  put(out, 0, 4);
}

Result<Header> read_header(std::string_view file) {
  const Error broken{ErrorCode::kDataLoss, "the waveform peaks cannot be read"};
  if (file.size() < kHeaderBytes || !file.starts_with(kMagic)) return broken;
  const Header header{.channels = static_cast<int>(get(file, 8, 2)),
                      .levels = static_cast<int>(get(file, 10, 1)),
                      .first_level = static_cast<int>(get(file, 11, 1)),
                      .samples = get(file, 16, 8),
                      .sample_rate_hz = static_cast<uint32_t>(get(file, 12, 4))};
  if (header.samples > uint64_t{1} << 48 || header.channels == 0 ||
      header.first_level + header.levels > kPeakLevels || get(file, 24, 4) != kPeakBucketSamples) {
    return broken;
  }
  uint64_t size = kHeaderBytes;
  for (int i = 0; i < header.levels; ++i) size += header.level_bytes(header.first_level + i);
  if (size != file.size()) return broken;
  return header;
}

}  // namespace

void PeakBuilder::reserve(int64_t samples) {
  for (PeakPairs& pairs : pairs_)
    pairs.reserve(2 * static_cast<size_t>(bucket_count(static_cast<uint64_t>(samples), 0)));
}

void PeakBuilder::push(int channel, std::span<const float> samples) {
  Open& open = open_[static_cast<size_t>(channel)];
  open.samples += static_cast<int64_t>(samples.size());
  while (!samples.empty()) {
    const size_t taken =
        std::min(samples.size(), static_cast<size_t>(kPeakBucketSamples - open.filled));
    const auto [low, high] =
        std::minmax_element(samples.begin(), samples.begin() + static_cast<ptrdiff_t>(taken));
    open.low = open.filled == 0 ? *low : std::min(open.low, *low);
    open.high = open.filled == 0 ? *high : std::max(open.high, *high);
    open.filled += static_cast<int>(taken);
    samples = samples.subspan(taken);
    if (open.filled == kPeakBucketSamples) close(static_cast<size_t>(channel));
  }
}

void PeakBuilder::close(size_t channel) {
  Open& open = open_[channel];
  pairs_[channel].push_back(rounded_down(open.low));
  pairs_[channel].push_back(rounded_up(open.high));
  open.filled = 0;
}

Peaks PeakBuilder::finish() {
  Peaks peaks;
  for (size_t channel = 0; channel < open_.size(); ++channel) {
    if (open_[channel].filled > 0) close(channel);
    peaks.samples = std::max(peaks.samples, open_[channel].samples);
  }
  // Each channel as long as the longest: resampling may end one a sample earlier.
  const auto buckets = static_cast<size_t>(bucket_count(static_cast<uint64_t>(peaks.samples), 0));
  for (PeakPairs& pairs : pairs_) pairs.resize(2 * buckets);
  peaks.level.push_back(std::move(pairs_));
  for (int level = 1; level < kPeakLevels; ++level) {
    std::vector<PeakPairs> coarser;
    for (const PeakPairs& finer : peaks.level.back()) {
      PeakPairs pairs;
      pairs.reserve(finer.size() / 4 + 2);
      for (size_t at = 0; at < finer.size(); at += 8) {
        int8_t low = finer[at];
        int8_t high = finer[at + 1];
        for (size_t i = at + 2; i < std::min(at + 8, finer.size()); i += 2) {
          low = std::min(low, finer[i]);
          high = std::max(high, finer[i + 1]);
        }
        pairs.push_back(low);
        pairs.push_back(high);
      }
      coarser.push_back(std::move(pairs));
    }
    peaks.level.push_back(std::move(coarser));
  }
  return peaks;
}

std::string encode_peaks(Peaks peaks) {
  std::string out;
  size_t bytes = kHeaderBytes;
  for (const auto& level : peaks.level) {
    for (const PeakPairs& pairs : level) bytes += pairs.size();
  }
  out.reserve(bytes);
  put_header(out, {.channels = peaks.channels(),
                   .levels = static_cast<int>(peaks.level.size()),
                   .samples = static_cast<uint64_t>(peaks.samples),
                   .sample_rate_hz = static_cast<uint32_t>(peaks.sample_rate_hz)});
  for (auto& level : peaks.level) {
    for (PeakPairs& pairs : level) {
      out.append(reinterpret_cast<const char*>(pairs.data()), pairs.size());
      pairs = {};
    }
  }
  return out;
}

Result<std::string> peak_level(std::string_view file, int level) {
  Header header = TRY(read_header(file));
  if (level < header.first_level || level >= header.first_level + header.levels) {
    return Error{ErrorCode::kNotFound, "the waveform has levels 0 to 5", "level"};
  }
  uint64_t at = kHeaderBytes;
  for (int i = header.first_level; i < level; ++i) at += header.level_bytes(i);
  const uint64_t size = header.level_bytes(level);
  header.first_level = level;
  header.levels = 1;
  std::string out;
  put_header(out, header);
  out += file.substr(static_cast<size_t>(at), static_cast<size_t>(size));
  return out;
}

Result<Peaks> decode_peaks(std::string_view file) {
  const Header header = TRY(read_header(file));
  Peaks peaks{.sample_rate_hz = static_cast<int>(header.sample_rate_hz),
              .samples = static_cast<int64_t>(header.samples)};
  size_t at = kHeaderBytes;
  for (int i = 0; i < header.levels; ++i) {
    const auto pairs_bytes =
        static_cast<size_t>(2 * bucket_count(header.samples, header.first_level + i));
    std::vector<PeakPairs> level;
    for (int channel = 0; channel < header.channels; ++channel, at += pairs_bytes) {
      const auto* const begin = reinterpret_cast<const int8_t*>(file.data() + at);
      level.emplace_back(begin, begin + pairs_bytes);
    }
    peaks.level.push_back(std::move(level));
  }
  return peaks;
}

}  // namespace callscope::audio
