// libopusfile: Ogg Opus. It decodes to 48 kHz whatever went in; for the analysis libopus decodes to
// 16 kHz, which is a fifth less work than decoding what is resampled away.
#include <fmt/format.h>
#include <opus_multistream.h>
#include <opusfile.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "audio/decode/decoders.h"
#include "audio/decode/extent.h"
#include "audio/resample.h"

namespace callscope::audio {
namespace {

constexpr int kOpusRate = 48'000;
// A hole of less than a packet is none, one of more than ten minutes a damaged time stamp.
constexpr int64_t kLostMin = kOpusRate / 400;
constexpr int64_t kLostMax = int64_t{kOpusRate} * 600;

struct Cursor {
  std::unique_ptr<Bytes> bytes;
  int64_t at = 0;
  std::optional<Error> error;
};

int read_some(void* user, unsigned char* out, int count) {
  auto& cursor = *static_cast<Cursor*>(user);
  const auto got = cursor.bytes->read_at(static_cast<uint64_t>(cursor.at),
                                         reinterpret_cast<char*>(out), static_cast<size_t>(count));
  if (!got) {
    cursor.error = got.error();
    return -1;
  }
  cursor.at += static_cast<int64_t>(*got);
  return static_cast<int>(*got);
}
int seek_to(void* user, opus_int64 offset, int whence) {
  auto& cursor = *static_cast<Cursor*>(user);
  int64_t base = 0;
  if (whence == SEEK_CUR) base = cursor.at;
  if (whence == SEEK_END) base = static_cast<int64_t>(cursor.bytes->size());
  int64_t target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return -1;
  cursor.at = target;
  return 0;
}
opus_int64 tell(void* user) { return static_cast<Cursor*>(user)->at; }

constexpr OpusFileCallbacks kCallbacks{read_some, seek_to, tell, nullptr};

const char* reason(int code) {
  switch (code) {
    case OP_EREAD:
      return "it could not be read";
    case OP_EIMPL:
      return "it uses a feature that the decoder lacks";
    case OP_ENOTFORMAT:
      return "it is no Ogg Opus";
    case OP_EVERSION:
      return "its version is not known";
    case OP_EBADLINK:
      return "its pages do not fit together";
    case OP_EBADTIMESTAMP:
      return "its time stamps are invalid";
    default:
      return "its header is damaged";
  }
}

// Of each sample at 16 kHz libopusfile gets three.
constexpr size_t kHeld = kOpusRate / kAnalysisRate;

// Frames of a number of channels that is known to the compiler are copied as one value.
template <size_t kChannels>
void hold_frames(float* pcm, size_t frames) {
  using Frame = std::array<float, kChannels>;
  Frame frame;
  for (size_t i = frames; i-- > 0;) {
    std::memcpy(&frame, pcm + i * kChannels, sizeof(frame));
    for (size_t copy = 0; copy < kHeld; ++copy)
      std::memcpy(pcm + (i * kHeld + copy) * kChannels, &frame, sizeof(frame));
  }
}

// Decodes to 16 kHz in libopusfile's place, which counts, cuts and hands out samples at 48 kHz:
// each frame is held for three of them, of which OpusSource keeps one.
class SlowDecoder {
 public:
  explicit SlowDecoder(OggOpusFile* file) : file_(file) {
    op_set_decode_callback(file, decode, this);
  }
  SlowDecoder(const SlowDecoder&) = delete;
  SlowDecoder& operator=(const SlowDecoder&) = delete;

 private:
  struct Destroy {
    void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
    void operator()(OpusMSDecoder* decoder) const { opus_multistream_decoder_destroy(decoder); }
  };

  static int decode(void* self, OpusMSDecoder*, void* pcm, const ogg_packet* packet, int samples,
                    int channels, int format, int link) {
    // What the header states may have been refused by libopusfile only after this.
    if (format != OP_DEC_FORMAT_FLOAT || samples % static_cast<int>(kHeld) != 0) return OP_EIMPL;
    return static_cast<SlowDecoder*>(self)->take(static_cast<float*>(pcm), *packet, samples,
                                                 channels, link);
  }

  int take(float* pcm, const ogg_packet& packet, int samples, int channels, int link) {
    if (link != link_ && !open(link)) return OP_EIMPL;
    const int wanted = samples / static_cast<int>(kHeld);
    const auto bytes = static_cast<opus_int32>(packet.bytes);
    const int got =
        plain_ ? opus_decode_float(plain_.get(), packet.packet, bytes, pcm, wanted, 0)
               : opus_multistream_decode_float(many_.get(), packet.packet, bytes, pcm, wanted, 0);
    // As libopusfile does with a packet that is damaged.
    if (got < 0) return OP_EBADPACKET;
    if (got != wanted) return OP_EIMPL;
    const auto frames = static_cast<size_t>(got);
    if (channels == 1) hold_frames<1>(pcm, frames);
    if (channels == 2) hold_frames<2>(pcm, frames);
    for (size_t frame = frames * kHeld; channels > 2 && frame-- > 0;) {
      const auto width = static_cast<size_t>(channels);
      std::memmove(pcm + frame * width, pcm + frame / kHeld * width, width * sizeof(float));
    }
    return 0;
  }

  bool open(int link) {
    const OpusHead* const head = op_head(file_, link);
    int error = OPUS_OK;
    plain_.reset();
    many_.reset();
    // The decoder of one stream is a tenth faster: the other asks the processor what it is before
    // every packet.
    if (head->mapping_family == 0) {
      plain_.reset(opus_decoder_create(kAnalysisRate, head->channel_count, &error));
      if (plain_) opus_decoder_ctl(plain_.get(), OPUS_SET_GAIN(head->output_gain));
    } else {
      many_.reset(opus_multistream_decoder_create(kAnalysisRate, head->channel_count,
                                                  head->stream_count, head->coupled_count,
                                                  head->mapping, &error));
      if (many_) opus_multistream_decoder_ctl(many_.get(), OPUS_SET_GAIN(head->output_gain));
    }
    link_ = link;
    return error == OPUS_OK && (plain_ || many_);
  }

  OggOpusFile* file_;
  std::unique_ptr<OpusDecoder, Destroy> plain_;   // of a stream of one or two channels, ...
  std::unique_ptr<OpusMSDecoder, Destroy> many_;  // ... of any other
  int link_ = -1;
};

class OpusSource : public Source {
 public:
  OpusSource(std::unique_ptr<Cursor> cursor, OggOpusFile* file, const SourceHints& hints,
             std::string cut_off)
      : cursor_(std::move(cursor)), file_(file) {
    if (hints.for_analysis) slow_.emplace(file);
    const ogg_int64_t total = op_pcm_total(file_, -1);
    info_ = {.format = "ogg",
             .encoding = "opus",
             .channels = op_channel_count(file_, 0),
             .sample_rate_hz = kOpusRate,
             .decoded_rate_hz = slow_ ? kAnalysisRate : kOpusRate,
             .cut_off = std::move(cut_off),
             .browser_plays = true,
             .frames_expected = std::max<int64_t>(total, 0)};
    if (total > 0) info_.frames_stated = total;
  }
  ~OpusSource() override { op_free(file_); }

  Result<size_t> read(std::span<float> interleaved) override {
    while (true) {
      if (lost_ > 0 || !behind_lost_.empty()) {
        if (const size_t frames = make_up(interleaved); frames > 0) return frames;
        continue;
      }
      // A chain may change its channels from link to link: those of the first are kept, by reading
      // as stereo or downmixed; a mono link of a stereo chain comes back as two equal channels.
      int got = 0;
      if (info_.channels == 2) {
        got = op_read_float_stereo(file_, interleaved.data(), static_cast<int>(interleaved.size()));
      } else {
        int link = 0;
        got = op_read_float(file_, interleaved.data(), static_cast<int>(interleaved.size()), &link);
        if (got > 0 && op_channel_count(file_, link) != info_.channels) {
          return Error{ErrorCode::kUnsupported, "the recording changes its number of channels"};
        }
      }
      if (cursor_->error) return *cursor_->error;
      if (got == OP_HOLE) {
        ++holes_;
        continue;
      }
      if (got < 0) {
        return Error{ErrorCode::kInvalidArgument,
                     std::string("the recording cannot be decoded: ") + reason(got)};
      }
      const auto channels = static_cast<size_t>(info_.channels);
      auto frames = static_cast<size_t>(got);
      if (find_lost(static_cast<int64_t>(frames))) {
        behind_lost_.assign(interleaved.begin(),
                            interleaved.begin() + static_cast<ptrdiff_t>(frames * channels));
        continue;
      }
      if (slow_ && got > 0) {
        frames = let_go(interleaved, frames, channels);
        if (frames == 0) continue;
      }
      make_finite(interleaved.first(frames * channels));
      return frames;
    }
  }

  Result<void> seek(int64_t frame) override {
    lost_ = 0;
    behind_lost_.clear();
    if (op_pcm_seek(file_, frame) == 0) {
      given_ = frame;
      return {};
    }
    return Error{ErrorCode::kInvalidArgument,
                 "the recording cannot be read from frame " + std::to_string(frame)};
  }

  std::string complaint() const override {
    if (lost_in_all_ == 0)
      return holes_ == 0 ? "" : fmt::format("{} holes in the Ogg stream", holes_);
    return fmt::format("{} holes in the Ogg stream, {:.1f} s of silence instead", holes_,
                       static_cast<double>(lost_in_all_) / kOpusRate);
  }

 private:
  // Whether pages are missing before the frames just decoded: what these say of their time is later
  // than all that was given. Behind a damaged time stamp the stream goes on as if none were.
  bool find_lost(int64_t frames) {
    const int64_t from = op_pcm_tell(file_) - frames;
    const int64_t lost = from - given_;
    given_ += frames;
    if (holes_ == 0 || lost < kLostMin || lost > kLostMax) return false;
    lost_ = static_cast<size_t>(lost);
    lost_in_all_ += lost;
    given_ += lost;
    return true;
  }

  // Gives silence for what was lost, then what was decoded behind it. Returns the frames that are
  // given; none where what there was is let go.
  size_t make_up(std::span<float> interleaved) {
    const auto channels = static_cast<size_t>(info_.channels);
    const size_t room = interleaved.size() / channels;
    size_t frames = 0;
    if (lost_ > 0) {
      frames = std::min(lost_, room);
      std::fill_n(interleaved.begin(), frames * channels, 0.0F);
      lost_ -= frames;
    } else {
      frames = std::min(behind_lost_.size() / channels, room);
      const auto end = behind_lost_.begin() + static_cast<ptrdiff_t>(frames * channels);
      std::copy(behind_lost_.begin(), end, interleaved.begin());
      behind_lost_.erase(behind_lost_.begin(), end);
    }
    if (slow_) frames = let_go(interleaved, frames, channels);
    make_finite(interleaved.first(frames * channels));
    return frames;
  }

  // Keeps one of every three frames, counted through the whole stream.
  size_t let_go(std::span<float> interleaved, size_t frames, size_t channels) {
    const size_t first = (kHeld - held_) % kHeld;
    const size_t kept = frames > first ? (frames - first - 1) / kHeld + 1 : 0;
    held_ = (held_ + frames) % kHeld;
    float* const pcm = interleaved.data();
    if (channels == 2) {
      for (size_t i = 0; i < kept; ++i)
        std::memmove(pcm + 2 * i, pcm + 2 * (first + i * kHeld), 2 * sizeof(float));
      return kept;
    }
    for (size_t i = 0; i < kept; ++i)
      std::memmove(pcm + i * channels, pcm + (first + i * kHeld) * channels,
                   channels * sizeof(float));
    return kept;
  }

  std::unique_ptr<Cursor> cursor_;  // libopusfile holds its address
  OggOpusFile* file_;
  std::optional<SlowDecoder> slow_;
  size_t held_ = 0;  // frames since the last that was kept
  int64_t holes_ = 0;
  int64_t given_ = 0;               // frames, or made up: where the next should be
  size_t lost_ = 0;                 // frames still to be made up, ...
  std::vector<float> behind_lost_;  // ... and what was decoded behind them
  int64_t lost_in_all_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> open_opus(std::unique_ptr<Bytes> bytes, const SourceHints& hints) {
  auto cursor = std::make_unique<Cursor>();
  Extent extent = extent_of(*bytes);
  cursor->bytes = std::move(bytes);
  int code = 0;
  OggOpusFile* const file = op_open_callbacks(cursor.get(), &kCallbacks, nullptr, 0, &code);
  if (file == nullptr) {
    if (cursor->error) return *cursor->error;
    return Error{ErrorCode::kInvalidArgument,
                 std::string("the recording cannot be decoded as Ogg Opus: ") + reason(code)};
  }
  return std::unique_ptr<Source>(
      std::make_unique<OpusSource>(std::move(cursor), file, hints, std::move(extent.cut_off)));
}

}  // namespace callscope::audio
