// libsndfile: WAV, RF64, AIFF, AU, FLAC, MP3, Ogg Vorbis, CAF, raw samples.
#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/decode/decoders.h"
#include "audio/decode/extent.h"

namespace callscope::audio {
namespace {

struct Named {
  int format;
  const char* name;
};
constexpr Named kContainers[] = {
    {SF_FORMAT_WAV, "wav"},   {SF_FORMAT_WAVEX, "wav"}, {SF_FORMAT_RF64, "wav"},
    {SF_FORMAT_W64, "w64"},   {SF_FORMAT_AIFF, "aiff"}, {SF_FORMAT_AU, "au"},
    {SF_FORMAT_FLAC, "flac"}, {SF_FORMAT_OGG, "ogg"},   {SF_FORMAT_MPEG, "mp3"},
    {SF_FORMAT_CAF, "caf"},   {SF_FORMAT_RAW, "raw"},
};
constexpr Named kEncodings[] = {
    {SF_FORMAT_PCM_S8, "pcm_s8"},     {SF_FORMAT_PCM_U8, "pcm_u8"},
    {SF_FORMAT_PCM_16, "pcm_s16"},    {SF_FORMAT_PCM_24, "pcm_s24"},
    {SF_FORMAT_PCM_32, "pcm_s32"},    {SF_FORMAT_FLOAT, "pcm_f32"},
    {SF_FORMAT_DOUBLE, "pcm_f64"},    {SF_FORMAT_ULAW, "mulaw"},
    {SF_FORMAT_ALAW, "alaw"},         {SF_FORMAT_IMA_ADPCM, "adpcm_ima"},
    {SF_FORMAT_MS_ADPCM, "adpcm_ms"}, {SF_FORMAT_GSM610, "gsm610"},
    {SF_FORMAT_G721_32, "g721"},      {SF_FORMAT_VORBIS, "vorbis"},
    {SF_FORMAT_OPUS, "opus"},         {SF_FORMAT_MPEG_LAYER_III, "mp3"},
    {SF_FORMAT_MPEG_LAYER_II, "mp2"}, {SF_FORMAT_MPEG_LAYER_I, "mp1"},
};

template <size_t kSize>
std::string name_of(const Named (&names)[kSize], int format) {
  for (const Named& named : names) {
    if (named.format == format) return named.name;
  }
  return "other";
}

int subformat(RawEncoding encoding) {
  switch (encoding) {
    case RawEncoding::kPcm16Le:
      return SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE;
    case RawEncoding::kPcm16Be:
      return SF_FORMAT_PCM_16 | SF_ENDIAN_BIG;
    case RawEncoding::kMulaw:
      return SF_FORMAT_ULAW;
    case RawEncoding::kAlaw:
      return SF_FORMAT_ALAW;
    case RawEncoding::kFloat32Le:
      return SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE;
  }
  return 0;
}

// The file as libsndfile sees it.
struct Cursor {
  std::unique_ptr<Bytes> bytes;
  int64_t at = 0;
  std::optional<Error> error;    // of a read
  uint64_t unset_length_at = 0;  // Extent's

  // Puts the length of what is there where the header states none.
  void state_length(char* out, size_t size) const {
    if (unset_length_at == 0) return;
    const uint64_t length = std::min<uint64_t>(bytes->size() - unset_length_at - 4, UINT32_MAX);
    for (uint64_t i = 0; i < 4; ++i) {
      const auto where = static_cast<int64_t>(unset_length_at + i) - at;
      if (where >= 0 && where < static_cast<int64_t>(size))
        out[where] = static_cast<char>(length >> 8 * i & 0xFF);
    }
  }
};

sf_count_t length_of(void* user) {
  return static_cast<sf_count_t>(static_cast<Cursor*>(user)->bytes->size());
}
sf_count_t seek_to(sf_count_t offset, int whence, void* user) {
  auto& cursor = *static_cast<Cursor*>(user);
  int64_t base = 0;
  if (whence == SEEK_CUR) base = cursor.at;
  if (whence == SEEK_END) base = length_of(user);
  int64_t target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return -1;
  cursor.at = target;
  return target;
}
sf_count_t read_some(void* out, sf_count_t count, void* user) {
  auto& cursor = *static_cast<Cursor*>(user);
  if (count <= 0) return 0;
  const auto got = cursor.bytes->read_at(static_cast<uint64_t>(cursor.at), static_cast<char*>(out),
                                         static_cast<size_t>(count));
  if (!got) {
    cursor.error = got.error();
    return 0;
  }
  cursor.state_length(static_cast<char*>(out), *got);
  cursor.at += static_cast<int64_t>(*got);
  return static_cast<sf_count_t>(*got);
}
sf_count_t write_nothing(const void*, sf_count_t, void*) { return 0; }
sf_count_t tell(void* user) { return static_cast<Cursor*>(user)->at; }

class SndfileSource : public Source {
 public:
  SndfileSource(std::unique_ptr<Cursor> cursor, SNDFILE* file, AudioInfo info, std::string unread)
      : cursor_(std::move(cursor)), file_(file), unread_(std::move(unread)) {
    info_ = std::move(info);
  }
  ~SndfileSource() override { sf_close(file_); }

  Result<size_t> read(std::span<float> interleaved) override {
    const auto frames = static_cast<sf_count_t>(interleaved.size()) / info_.channels;
    const sf_count_t got = sf_readf_float(file_, interleaved.data(), frames);
    if (cursor_->error) return *cursor_->error;
    if (got <= 0) return size_t{0};
    if (scale_ != 1)
      for (float& sample : interleaved.first(static_cast<size_t>(got * info_.channels)))
        sample *= scale_;
    make_finite(interleaved.first(static_cast<size_t>(got * info_.channels)));
    return static_cast<size_t>(got);
  }

  Result<void> seek(int64_t frame) override {
    if (sf_seek(file_, frame, SEEK_SET) == frame) return {};
    return Error{ErrorCode::kInvalidArgument,
                 "the recording cannot be read from frame " + std::to_string(frame)};
  }

  std::string complaint() const override {
    if (sf_error(file_) != SF_ERR_NO_ERROR) return sf_strerror(file_);
    if (scale_ != 1) return "its numbers of floating point have the range of whole ones";
    return unread_;
  }

  void begins_late(uint64_t skipped_bytes) {
    info_.cut_off =
        fmt::format("its beginning is missing: {} bytes lie before its first frame", skipped_bytes);
  }

  // Some programs write floating-point numbers as large as the whole ones that they had. Looks at
  // the beginning, up to a sound, and goes back.
  void find_scale() {
    constexpr float kNoSound = 256;  // 48 dB above full scale
    constexpr int kLookS = 60;
    std::vector<float> block(4096 * static_cast<size_t>(info_.channels));
    float loudest = 0;
    for (int64_t seen = 0; seen < int64_t{kLookS} * info_.sample_rate_hz && loudest < kNoSound;) {
      const sf_count_t got = sf_readf_float(file_, block.data(), 4096);
      if (got <= 0) break;
      seen += got;
      for (const float sample : std::span(block).first(static_cast<size_t>(got * info_.channels)))
        if (std::isfinite(sample)) loudest = std::max(loudest, std::fabs(sample));
    }
    sf_seek(file_, 0, SEEK_SET);
    if (loudest < kNoSound) return;
    if (loudest <= 65'536)
      scale_ = 1.0F / 32'768;
    else if (loudest <= 4'294'967'296)
      scale_ = 1.0F / 2'147'483'648;
  }

 private:
  std::unique_ptr<Cursor> cursor_;  // libsndfile holds its address
  SNDFILE* file_;
  std::string unread_;  // Extent's
  float scale_ = 1;
};

// Opens what of a recording in MP3 is left where its beginning is missing.
Result<std::unique_ptr<Source>> open_late(std::unique_ptr<Bytes> bytes, uint64_t begin,
                                          const SourceHints& hints) {
  const uint64_t size = bytes->size() - begin;
  auto source = TRY(open_sndfile(part_of(std::move(bytes), begin, size), hints));
  static_cast<SndfileSource&>(*source).begins_late(begin);
  return source;
}

}  // namespace

Result<std::unique_ptr<Source>> open_sndfile(std::unique_ptr<Bytes> bytes,
                                             const SourceHints& hints) {
  auto cursor = std::make_unique<Cursor>();
  // Raw samples that happen to look like a file's header are none.
  Extent extent = hints.raw ? Extent{} : extent_of(*bytes);
  if (extent.first_ends_at > 0) bytes = part_of(std::move(bytes), 0, extent.first_ends_at);
  cursor->bytes = std::move(bytes);
  cursor->unset_length_at = extent.unset_length_at;
  SF_INFO opened{};
  if (hints.raw) {
    opened.format = SF_FORMAT_RAW | subformat(hints.raw->encoding);
    opened.channels = hints.raw->channels;
    opened.samplerate = hints.raw->sample_rate_hz;
    if (opened.channels < 1 || opened.channels > kChannelsMax ||
        opened.samplerate < kSampleRateMin || opened.samplerate > kSampleRateMax) {
      return Error{ErrorCode::kInvalidArgument,
                   "raw audio has 1 to 16 channels and 2000 to 384000 samples a second"};
    }
  }
  SF_VIRTUAL_IO io{length_of, seek_to, read_some, write_nothing, tell};
  SNDFILE* const file = sf_open_virtual(&io, SFM_READ, &opened, cursor.get());
  if (file == nullptr) {
    if (cursor->error) return *cursor->error;
    const auto begin = hints.raw ? std::nullopt : mp3_begins_late(*cursor->bytes);
    if (begin) return open_late(std::move(cursor->bytes), *begin, hints);
    return Error{
        ErrorCode::kInvalidArgument,
        std::string("the recording is no audio that can be decoded: ") + sf_strerror(nullptr)};
  }
  const int container = opened.format & SF_FORMAT_TYPEMASK;
  const int encoding = opened.format & SF_FORMAT_SUBMASK;
  AudioInfo info{.format = name_of(kContainers, container),
                 .encoding = name_of(kEncodings, encoding),
                 .channels = opened.channels,
                 .sample_rate_hz = opened.samplerate,
                 .decoded_rate_hz = opened.samplerate};
  if (encoding == SF_FORMAT_ULAW) info.full_scale = 32124.0F / 32768;
  if (encoding == SF_FORMAT_ALAW) info.full_scale = 32256.0F / 32768;
  info.frames_expected = std::max<int64_t>(opened.frames, 0);
  info.frames_stated = extent.frames_stated;
  info.cut_off = std::move(extent.cut_off);
  info.browser_plays = container == SF_FORMAT_FLAC || container == SF_FORMAT_MPEG ||
                       container == SF_FORMAT_OGG ||
                       ((container == SF_FORMAT_WAV || container == SF_FORMAT_WAVEX) &&
                        (encoding == SF_FORMAT_PCM_16 || encoding == SF_FORMAT_PCM_U8 ||
                         encoding == SF_FORMAT_FLOAT));
  auto source = std::make_unique<SndfileSource>(std::move(cursor), file, std::move(info),
                                                std::move(extent.unread));
  if (encoding == SF_FORMAT_FLOAT || encoding == SF_FORMAT_DOUBLE) source->find_scale();
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace callscope::audio
