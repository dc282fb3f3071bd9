#include "audio/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "audio/activity.h"
#include "audio/agent_channel.h"
#include "audio/background.h"
#include "audio/leak.h"
#include "audio/leak_bursts.h"

namespace callscope::audio {
namespace {

// Between talkspurts and this far from them there is noise only: reverberation has faded.
constexpr double kNoiseMarginS = 0.15;
// The highest that a byte of level can tell.
constexpr double kSnrMaxDb = 90;
// Less speech is no fair sample of a voice.
constexpr double kPitchSpeechS = 5;

// The mean square of each level that a Track can hold.
std::array<double, 256> powers() {
  std::array<double, 256> of{};
  for (size_t level = 0; level < of.size(); ++level)
    of[level] = std::pow(10, (kSilenceDb + static_cast<double>(level) * 0.5) / 10);
  return of;
}
const std::array<double, 256> kPowers = powers();

class Judge {
 public:
  Judge(Heard& heard, const Source& source, const AnalysisOptions& options)
      : heard_(heard), source_(source), options_(options), settings_(options.settings) {}

  Judged done() {
    describe();
    find_talk();
    choose_agent();
    raise_flags();
    health_.by_channel.clear();
    for (Heard::Channel& channel : heard_.channels)
      health_.by_channel.push_back(std::move(channel.health));
    return {std::move(segments_), std::move(health_)};
  }

 private:
  template <typename... Args>
  void flag(const char* code, fmt::format_string<Args...> text, Args&&... args) {
    health_.flags.push_back({code, fmt::format(text, std::forward<Args>(args)...)});
  }

  void describe() {
    const AudioInfo& info = source_.info();
    health_.format = info.format;
    health_.encoding = info.encoding;
    health_.channels = info.channels;
    health_.sample_rate_hz = info.sample_rate_hz;
    health_.duration_s = heard_.duration_s;
    if (info.frames_stated) {
      health_.stated_duration_s = static_cast<double>(*info.frames_stated) / info.sample_rate_hz;
    }
    health_.channel_correlation = heard_.channel_correlation;
  }

  void find_talk() {
    int64_t edges = 0, refined = 0;
    for (size_t i = 0; i < heard_.channels.size(); ++i) {
      Heard::Channel& channel = heard_.channels[i];
      Activity activity = find_speech(channel.track, mask_others(i), settings_);
      edges += activity.edges;
      refined += activity.edges_refined;
      voices_.push_back(measure_voice(channel, std::move(activity.talkspurts)));
    }
    if (edges > 0)
      health_.refined_edge_share = static_cast<double>(refined) / static_cast<double>(edges);
    for (size_t i = 0; i < voices_.size(); ++i) {
      for (const Interval& spurt : voices_[i].talkspurts) {
        segments_.push_back({static_cast<int>(i), spurt.start_s, spurt.end_s});
      }
    }
    std::sort(segments_.begin(), segments_.end(), [](const Segment& a, const Segment& b) {
      return std::pair(a.start_s, a.channel) < std::pair(b.start_s, b.channel);
    });
  }

  // The chunks in which a channel hears others only: the other channel, people in the room.
  std::vector<bool> mask_others(size_t index) {
    if (heard_.channels.size() != 2 || same_channels()) return {};
    std::vector<bool> masked = mask_leak(index);
    mask_background(heard_.channels[index].track, settings_, masked);
    return masked;
  }

  std::vector<bool> mask_leak(size_t index) {
    const Track& own = heard_.channels[index].track;
    const Track& other = heard_.channels[1 - index].track;
    auto leak = find_leak(own, other, settings_);
    std::vector<bool> mask;
    if (leak) {
      mask = leaked_chunks(own, other, *leak, settings_);
      int64_t chunks = 0;
      for (size_t i = 0; i < mask.size(); ++i) {
        if (mask[i] && own.probability(i) >= settings_.vad_on_probability) ++chunks;
      }
      leak->masked_s = static_cast<double>(chunks) * kChunkS;
    }
    if (const auto bursts = mask_leaked_bursts(own, other, settings_, mask)) {
      if (leak) {
        leak->masked_s += bursts->masked_s;
      } else {
        leak = bursts;
      }
    }
    if (leak) leak->from_channel = static_cast<int>(1 - index);
    heard_.channels[index].health.leak = leak;
    return mask;
  }

  // Levels of speech and noise, from the frames inside and well outside of talkspurts.
  ChannelVoice measure_voice(Heard::Channel& channel, std::vector<Interval> talkspurts) {
    const Track& track = channel.track;
    ChannelHealth& health = channel.health;
    double speech_power = 0;
    int64_t speech_frames = 0;
    std::vector<uint32_t> noise(256);
    uint32_t noise_frames = 0;
    std::vector<double> levels;
    size_t frame = 0;
    const auto first_frame = [](double s) {
      return static_cast<size_t>(std::max(0.0, std::ceil(s / kFrameS)));
    };
    for (size_t i = 0; i <= talkspurts.size(); ++i) {
      const bool last = i == talkspurts.size();
      const size_t noise_end =
          last ? track.level.size()
               : std::min(track.level.size(), first_frame(talkspurts[i].start_s - kNoiseMarginS));
      for (; frame < noise_end; ++frame) {
        ++noise[track.level[frame]];
        ++noise_frames;
      }
      if (last) break;
      const size_t end = std::min(track.level.size(), first_frame(talkspurts[i].end_s));
      double power = 0;
      const size_t begin = std::min(end, first_frame(talkspurts[i].start_s));
      for (size_t k = begin; k < end; ++k) power += kPowers[track.level[k]];
      speech_power += power;
      speech_frames += static_cast<int64_t>(end - begin);
      if (end > begin)
        levels.push_back(10 * std::log10(power / static_cast<double>(end - begin) + 1e-12));
      frame = std::max(frame, first_frame(talkspurts[i].end_s + kNoiseMarginS));
      health.speech_s += talkspurts[i].length_s();
    }
    ChannelVoice voice{.talkspurts = std::move(talkspurts)};
    if (noise_frames >= 20) {  // 100 ms
      uint32_t seen = 0;
      size_t level = 0;
      while (level < 255 && (seen += noise[level]) <= noise_frames / 2) ++level;
      health.noise_db = kSilenceDb + static_cast<double>(level) * 0.5;
      voice.noise_db = *health.noise_db;
    }
    if (speech_frames > 0) {
      const double mean_power = speech_power / static_cast<double>(speech_frames);
      health.speech_db = 10 * std::log10(mean_power + 1e-12);
      if (health.noise_db) {
        const double noise_power = std::pow(10, *health.noise_db / 10);
        const double clean = std::max(mean_power - noise_power, 1e-12);
        health.snr_db = std::min(kSnrMaxDb, 10 * std::log10(clean / noise_power));
      }
    }
    if (levels.size() >= 2) {
      double sum = 0, squares = 0;
      for (const double level : levels) {
        sum += level;
        squares += level * level;
      }
      const auto n = static_cast<double>(levels.size());
      voice.level_spread_db = std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
    }
    // Speech of the other channel leaks into most noise measures of a quiet one; -65 dB is below
    // any microphone's own.
    health.silent = voice.talkspurts.empty() && health.peak_db <= settings_.silent_channel_db_max;
    return voice;
  }

  bool same_channels() const {
    return std::fabs(heard_.channel_correlation.value_or(0)) >=
           settings_.same_channels_correlation_min;
  }

  void choose_agent() {
    if (voices_.size() < 2 || same_channels()) return;
    health_.agent_channel = choose_agent_channel(voices_, options_.agent_channel);
  }

  void raise_flags() {
    const AudioInfo& info = source_.info();
    if (info.channels == 1) {
      flag("mono",
           "one channel: who speaks cannot be told, so there are no turns and no latencies");
    } else if (same_channels()) {
      flag("same_channels", "both channels hold the same sound: who speaks cannot be told");
    }
    if (info.channels > 2) {
      flag("extra_channels", "{} channels: only the first two were analysed", info.channels);
    }
    flag_length();
    bool any_speech = false;
    for (const Heard::Channel& channel : heard_.channels) {
      flag_channel(channel.health);
      any_speech = any_speech || channel.health.speech_s > 0;
    }
    if (!any_speech) flag("no_speech", "nobody speaks in this recording");
    const AgentChannel& agent = health_.agent_channel;
    if (agent.choice == ChannelChoice::kStated && agent.found && agent.found != agent.channel &&
        agent.confidence >= settings_.agent_channel_confidence_min) {
      flag("channels_swapped",
           "channel {} was stated to be the agent's, but channel {} sounds like it", *agent.channel,
           *agent.found);
    }
    if (agent.choice == ChannelChoice::kFound &&
        agent.confidence < settings_.agent_channel_confidence_min) {
      flag("agent_channel_uncertain", "channel {} was taken for the agent's without much to go by",
           *agent.channel);
    }
    const std::string complaint = source_.complaint();
    if (!complaint.empty()) flag("damaged", "the decoder complained: {}", complaint);
  }

  bool differs(double measured_s, double said_s) const {
    return std::fabs(measured_s - said_s) >
           std::max(settings_.length_difference_s, settings_.length_difference_share * said_s);
  }

  std::string why_cut_off() const {
    const AudioInfo& info = source_.info();
    // MP3's decoder leaves out what the encoder put before and behind, as far as the file tells.
    const bool counts_exactly = info.format != "mp3" && info.decoded_rate_hz == info.sample_rate_hz;
    if (!info.cut_off.empty() || !counts_exactly || info.frames_stated.value_or(0) <= heard_.frames)
      return info.cut_off;
    return fmt::format("of {} frames that its header states {} are there", *info.frames_stated,
                       heard_.frames);
  }

  void flag_length() {
    const double heard_s = heard_.duration_s;
    if (heard_.cut)
      flag("cut_at_limit", "only the first {:.0f} s were analysed", settings_.duration_s_max);
    if (health_.stated_duration_s && !heard_.cut && differs(heard_s, *health_.stated_duration_s)) {
      flag(heard_s < *health_.stated_duration_s ? "shorter_than_header" : "longer_than_header",
           "the header states {:.1f} s, the data hold {:.1f} s", *health_.stated_duration_s,
           heard_s);
    }
    if (const std::string why = why_cut_off(); !why.empty() && !heard_.cut)
      flag("truncated", "the file was cut off: {}", why);
    if (!options_.expected_duration_s || heard_.cut) return;
    const double slack_s =
        std::max(settings_.length_difference_s,
                 settings_.length_difference_share * *options_.expected_duration_s);
    compare_with_call(health_, *options_.expected_duration_s, slack_s);
    // Below a minute a second of slack says nothing of the clock.
    if (std::fabs(heard_s - *options_.expected_duration_s) <= slack_s && heard_s >= 60)
      health_.drift_ppm = (heard_s / *options_.expected_duration_s - 1) * 1e6;
  }

  void flag_channel(const ChannelHealth& health) {
    const int channel = health.channel;
    if (health.silent) flag("silent_channel", "channel {} is silent", channel);
    if (health.clipped_share > settings_.clipped_sample_share_max) {
      flag("clipped", "channel {}: {:.1f} % of the samples are clipped", channel,
           health.clipped_share * 100);
    }
    if (health.dropouts > 0) {
      flag("dropouts", "channel {}: {} dropouts, {:.1f} a minute", channel, health.dropouts,
           health.dropouts_per_minute);
    }
    // The mean of less than a second is the sound's own.
    if (heard_.duration_s >= 1 && std::fabs(health.dc_offset) > settings_.dc_offset_max) {
      flag("dc_offset", "channel {} is off centre by {:.3f} of full scale", channel,
           health.dc_offset);
    }
    if (health.pitch_hz && health.speech_s >= kPitchSpeechS &&
        (*health.pitch_hz < settings_.pitch_hz_min || *health.pitch_hz > settings_.pitch_hz_max)) {
      flag("sample_rate_suspect",
           "channel {}: a voice of {:.0f} Hz suggests that the sample rate of {} Hz is wrong",
           channel, *health.pitch_hz, health_.sample_rate_hz);
    }
    if (health.snr_db && *health.snr_db < settings_.snr_fair_db) {
      flag(*health.snr_db < settings_.snr_poor_db ? "noisy" : "some_noise",
           "channel {}: speech is only {:.0f} dB above the noise", channel, *health.snr_db);
    }
    if (health.leak) {
      flag("leak", "channel {} holds the sound of channel {}, {:.0f} dB quieter", channel,
           health.leak->from_channel, -health.leak->level_db);
    }
  }

  Heard& heard_;
  const Source& source_;
  const AnalysisOptions& options_;
  const Settings& settings_;
  Health health_;
  std::vector<ChannelVoice> voices_;
  std::vector<Segment> segments_;
};

}  // namespace

Judged judge(Heard& heard, const Source& source, const AnalysisOptions& options) {
  return Judge(heard, source, options).done();
}

std::string why_no_speakers(const Health& health) {
  if (health.channels == 1) return "the recording has one channel";
  for (const HealthFlag& flag : health.flags) {
    if (flag.code == "same_channels") return "both channels of the recording hold the same sound";
  }
  return "nobody speaks in the recording";
}

}  // namespace callscope::audio
