#include "audio/pass.h"

#include <algorithm>
#include <cmath>

#include "audio/levels.h"
#include "audio/loudness.h"
#include "audio/resample.h"
#include "audio/voice_meter.h"

namespace callscope::audio {
namespace {

constexpr size_t kBlockFrames = 8192;
constexpr double kReportEveryS = 10;
constexpr size_t kChannelsAnalysed = 2;

// One channel on its way.
struct Lane {
  Lane(Resampler made, const AudioInfo& info, const Settings& settings)
      : resampler(std::move(made)),
        levels(info.decoded_rate_hz, info.full_scale, settings),
        track(settings) {}

  Resampler resampler;
  LevelMeter levels;
  LoudnessMeter loudness;
  VoiceMeter voice;
  TrackBuilder track;
  std::vector<float> native;
};

class Pass {
 public:
  Pass(Source& source, const AnalysisOptions& options) : source_(source), options_(options) {}

  Result<Heard> run(const Progress& progress, const std::stop_token& stop) {
    const AudioInfo& info = source_.info();
    const auto channels = static_cast<size_t>(info.channels);
    for (size_t i = 0; i < std::min(channels, kChannelsAnalysed); ++i) {
      lanes_.emplace_back(TRY(Resampler::create(info.decoded_rate_hz)), info, options_.settings);
    }
    if (options_.peaks) outline_.emplace(static_cast<int>(lanes_.size()));
    make_room(info);
    std::vector<float> block(kBlockFrames * channels);
    const auto frames_max =
        static_cast<int64_t>(options_.settings.duration_s_max * info.decoded_rate_hz);
    const auto report_every = static_cast<int64_t>(kReportEveryS * info.decoded_rate_hz);
    int64_t report_at = report_every;
    Heard heard;
    while (true) {
      if (stop.stop_requested()) return Error{ErrorCode::kUnavailable, "the analysis was stopped"};
      size_t frames = TRY(source_.read(block));
      if (frames == 0) break;
      if (heard.frames + static_cast<int64_t>(frames) > frames_max) {
        frames = static_cast<size_t>(std::max<int64_t>(0, frames_max - heard.frames));
        heard.cut = true;
      }
      heard.frames += static_cast<int64_t>(frames);
      take(std::span(block).first(frames * channels), channels);
      if (heard.cut) break;
      if (progress && heard.frames >= report_at && info.frames_expected > 0) {
        const double expected_s = static_cast<double>(info.frames_expected) / info.sample_rate_hz;
        progress(
            std::min(1.0, static_cast<double>(heard.frames) / info.decoded_rate_hz / expected_s));
        report_at += report_every;
      }
    }
    if (heard.frames == 0)
      return Error{ErrorCode::kInvalidArgument, "the recording holds no samples"};
    finish(heard);
    heard.duration_s = static_cast<double>(heard.frames) / info.decoded_rate_hz;
    return heard;
  }

 private:
  // For the whole recording; what a header promises in vain is not touched, and costs nothing.
  void make_room(const AudioInfo& info) {
    const double expected_s = static_cast<double>(info.frames_expected) / info.sample_rate_hz;
    const double most_s = std::min(expected_s, options_.settings.duration_s_max);
    const auto samples = static_cast<int64_t>(std::max(0.0, most_s) * kAnalysisRate);
    for (Lane& lane : lanes_) lane.track.reserve(samples);
    if (outline_) outline_->reserve(samples);
  }

  void take(std::span<const float> interleaved, size_t channels) {
    const size_t frames = interleaved.size() / channels;
    std::vector<std::span<const float>> resampled;
    for (size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      lane.native.resize(frames);
      for (size_t frame = 0; frame < frames; ++frame)
        lane.native[frame] = interleaved[frame * channels + i];
      lane.levels.push(lane.native);
      resampled.push_back(lane.resampler.push(lane.native));
    }
    analyse_at_16k(resampled);
  }

  void analyse_at_16k(const std::vector<std::span<const float>>& samples) {
    for (size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i].track.push(samples[i]);
      lanes_[i].loudness.push(samples[i]);
      lanes_[i].voice.push(samples[i]);
      if (outline_) outline_->push(static_cast<int>(i), samples[i]);
    }
    if (lanes_.size() < 2) return;
    const size_t frames = std::min(samples[0].size(), samples[1].size());
    double left = 0, right = 0, cross = 0;
    for (size_t i = 0; i < frames; ++i) {
      const float a = samples[0][i];
      const float b = samples[1][i];
      left += static_cast<double>(a * a);
      right += static_cast<double>(b * b);
      cross += static_cast<double>(a * b);
    }
    left_ += left;
    right_ += right;
    cross_ += cross;
  }

  void finish(Heard& heard) {
    std::vector<std::span<const float>> rest;
    for (Lane& lane : lanes_) rest.push_back(lane.resampler.finish());
    analyse_at_16k(rest);
    for (size_t i = 0; i < lanes_.size(); ++i) {
      Heard::Channel channel{.track = lanes_[i].track.finish()};
      channel.health.channel = static_cast<int>(i);
      channel.health.loudness_lufs = lanes_[i].loudness.integrated();
      channel.health.pitch_hz = lanes_[i].voice.pitch_hz();
      channel.health.bandwidth_hz = lanes_[i].voice.bandwidth_hz();
      lanes_[i].levels.report(channel.health);
      heard.channels.push_back(std::move(channel));
    }
    if (lanes_.size() == 2 && left_ > 0 && right_ > 0) {
      heard.channel_correlation = cross_ / std::sqrt(left_ * right_);
    }
    heard.outline = std::move(outline_);
  }

  Source& source_;
  const AnalysisOptions& options_;
  std::vector<Lane> lanes_;
  std::optional<PeakBuilder> outline_;
  double left_ = 0, right_ = 0, cross_ = 0;  // power of each channel, and of both together
};

}  // namespace

Result<Heard> listen(Source& source, const AnalysisOptions& options, const Progress& progress,
                     const std::stop_token& stop) {
  return Pass(source, options).run(progress, stop);
}

}  // namespace callscope::audio
