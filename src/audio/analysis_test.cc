#include "audio/analysis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "audio/analysis_json.h"
#include "audio/resample.h"
#include "audio/wav_stream.h"

namespace callscope::audio {
namespace {

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

// A 16-bit WAV file; `stated` replaces the length of the data in its header.
std::string wav(std::span<const float> interleaved, int channels, int rate,
                std::optional<uint32_t> stated = {}) {
  const auto bytes = static_cast<uint32_t>(interleaved.size() * 2);
  std::string out = "RIFF";
  put(out, 36 + stated.value_or(bytes), 4);
  out += "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);
  put(out, static_cast<uint64_t>(channels), 2);
  put(out, static_cast<uint64_t>(rate), 4);
  put(out, static_cast<uint64_t>(rate * channels * 2), 4);
  put(out, static_cast<uint64_t>(channels * 2), 2);
  put(out, 16, 2);
  out += "data";
  put(out, stated.value_or(bytes), 4);
  for (const float sample : interleaved) {
    put(out, static_cast<uint64_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767)), 2);
  }
  return out;
}

Result<Analysis> analyse_bytes(std::string_view bytes, const AnalysisOptions& options = {}) {
  auto source = open_source(memory_bytes(bytes));
  if (!source) return source.error();
  return analyse(**source, options);
}

// "mono,clipped": the flags.
std::string flags(std::string_view bytes, const AnalysisOptions& options = {}) {
  const auto analysis = analyse_bytes(bytes, options);
  if (!analysis) return "error: " + analysis.error().message;
  std::string out;
  for (const HealthFlag& flag : analysis->health.flags) out += (out.empty() ? "" : ",") + flag.code;
  return out;
}

std::vector<float> tone(double seconds, int rate, int channels, float level, float offset = 0) {
  std::vector<float> samples;
  const auto frames = static_cast<int64_t>(seconds * rate);
  for (int64_t i = 0; i < frames; ++i) {
    const auto phase = static_cast<float>(i) * 440.0F * 6.2831853F / static_cast<float>(rate);
    for (int c = 0; c < channels; ++c) {
      samples.push_back(level * std::sin(phase * (1.0F + 0.5F * static_cast<float>(c))) + offset);
    }
  }
  return samples;
}

std::vector<float> speech() {
  auto source = open_audio(CALLSCOPE_SOURCE_DIR "/src/audio/testing/speech.flac");
  EXPECT_TRUE(source);
  std::vector<float> samples(16'000 * 5);
  const auto got = (*source)->read(samples);
  EXPECT_TRUE(got);
  samples.resize(*got);
  return samples;
}

// Speech of one channel, then of the other, `gap_s` apart from file to file.
std::vector<float> dialogue(double gap_s) {
  const std::vector<float> words = speech();
  const auto later = words.size() + static_cast<size_t>(gap_s * 16'000);
  std::vector<float> both(2 * (later + words.size() + 16'000));
  for (size_t i = 0; i < words.size(); ++i) {
    both[2 * i] = words[i];
    both[2 * (later + i) + 1] = words[i];
  }
  return both;
}

TEST(Analysis, ACallerIsAnswered) {
  const auto analysis = analyse_bytes(wav(dialogue(1), 2, 16'000), {.agent_channel = 1});
  ASSERT_TRUE(analysis);
  ASSERT_EQ(analysis->turn_taking.turns.size(), 2U);
  EXPECT_EQ(analysis->turn_taking.turns[0].speaker, Speaker::kCaller);
  EXPECT_EQ(analysis->turn_taking.turns[1].speaker, Speaker::kAgent);
  // The same words twice: the latency is the shift less the length of the speech.
  const Turn& caller = analysis->turn_taking.turns[0];
  const double shift_s = static_cast<double>(speech().size()) / 16'000 + 1;
  EXPECT_NEAR(*analysis->turn_taking.turns[1].response_latency_s,
              shift_s - (caller.end_s - caller.start_s), 0.06);
  EXPECT_EQ(analysis->health.agent_channel.choice, ChannelChoice::kStated);
}

// A line that sends nothing while nobody speaks sends its noise for some time behind the words.
TEST(Analysis, NoiseThatOutlastsTheWordsIsNoneOfThem) {
  std::vector<float> plain = dialogue(1);
  const auto words = analyse_bytes(wav(plain, 2, 16'000), {.agent_channel = 1});
  ASSERT_TRUE(words);
  std::vector<float> line = plain;
  uint32_t random = 1;
  for (const Segment& spoken : words->segments) {
    const auto from = static_cast<size_t>(spoken.start_s * 16'000);
    const auto to = static_cast<size_t>((spoken.end_s + 0.16) * 16'000);
    for (size_t i = from; i < to; ++i) {
      random = random * 1'664'525 + 1'013'904'223;
      const double noise = static_cast<double>(random) / UINT32_MAX - 0.5;
      line[2 * i + static_cast<size_t>(spoken.channel)] += static_cast<float>(noise * 0.004);
    }
  }
  const auto heard = analyse_bytes(wav(line, 2, 16'000), {.agent_channel = 1});
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->segments.size(), words->segments.size());
  for (size_t i = 0; i < words->segments.size(); ++i)
    EXPECT_NEAR(heard->segments[i].end_s, words->segments[i].end_s, 0.04) << i;
}

TEST(Analysis, ReadsBackWhatItWrote) {
  const auto analysis = analyse_bytes(wav(dialogue(1), 2, 16'000));
  ASSERT_TRUE(analysis);
  const std::string json = to_json(*analysis);
  const auto again = analysis_from_json(json);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), json);
  EXPECT_FALSE(analysis_from_json("{}"));
  EXPECT_FALSE(analysis_from_json("not json"));
}

TEST(Analysis, EverySampleRateGivesTheSameSpeech) {
  for (const int rate : {8'000, 11'025, 22'050, 44'100, 96'000}) {
    auto resampler = Resampler::create(16'000, rate);
    ASSERT_TRUE(resampler);
    std::vector<float> samples;
    const std::vector<float> words = speech();
    for (const float s : resampler->push(words)) samples.push_back(s);
    for (const float s : resampler->finish()) samples.push_back(s);
    const auto analysis = analyse_bytes(wav(samples, 1, rate));
    ASSERT_TRUE(analysis) << rate;
    ASSERT_EQ(analysis->segments.size(), 1U) << rate;
    EXPECT_NEAR(analysis->segments[0].start_s, 0.455, 0.02) << rate;
    EXPECT_NEAR(analysis->duration_s, static_cast<double>(words.size()) / 16'000, 0.01) << rate;
  }
}

TEST(Analysis, AQuietVoiceIsHeardLikeALoudOne) {
  std::vector<float> words = speech();
  const auto loud = analyse_bytes(wav(words, 1, 16'000));
  for (float& sample : words) sample *= 0.01F;
  const auto quiet = analyse_bytes(wav(words, 1, 16'000));
  AnalysisOptions unamplified;
  unamplified.settings.vad_quiet_gain_db = 0;
  const auto missed = analyse_bytes(wav(words, 1, 16'000), unamplified);
  ASSERT_TRUE(loud && quiet && missed);
  ASSERT_EQ(quiet->segments.size(), loud->segments.size());
  EXPECT_NEAR(quiet->segments[0].start_s, loud->segments[0].start_s, 0.03);
  EXPECT_NEAR(quiet->segments[0].end_s, loud->segments[0].end_s, 0.03);
  EXPECT_LT(missed->health.by_channel[0].speech_s, 0.9 * quiet->health.by_channel[0].speech_s);
}

TEST(Analysis, SaysWhatIsWrongWithARecording) {
  const std::vector<float> words = speech();
  EXPECT_EQ(flags(""), "error: the recording is empty");
  EXPECT_EQ(flags(wav({}, 1, 16'000)), "error: the recording holds no samples");
  EXPECT_EQ(flags(wav({std::array{0.5F}}, 1, 16'000)), "mono,no_speech");
  EXPECT_EQ(flags(wav(std::vector<float>(32'000), 2, 16'000)),
            "silent_channel,silent_channel,no_speech");
  EXPECT_EQ(flags(wav(tone(1, 16'000, 3, 0.2F), 3, 16'000)), "extra_channels,no_speech");
  EXPECT_EQ(flags(wav(tone(1, 16'000, 1, 0.2F, 0.3F), 1, 16'000)), "mono,dc_offset,no_speech");
  EXPECT_EQ(flags(wav(tone(1, 16'000, 1, 40), 1, 16'000)), "mono,clipped,no_speech");
  EXPECT_EQ(flags(wav(words, 1, 16'000, 16'000 * 2 * 7'200)), "mono,shorter_than_header,truncated");
  EXPECT_EQ(flags(wav(words, 1, 16'000), {.expected_duration_s = 5}),
            "mono,length_differs_from_call,sample_rate_suspect");
  const std::string whole = wav(words, 1, 16'000);
  EXPECT_EQ(flags(whole.substr(0, 60'000)), "mono,truncated");
  EXPECT_EQ(flags(whole.substr(0, 20)).substr(0, 6), "error:");
  EXPECT_EQ(flags("this is no audio at all, but some text that somebody uploaded").substr(0, 40),
            "error: the recording is no audio that ca");
  EXPECT_EQ(flags(std::string("\x1A\x45\xDF\xA3 and then some")),
            "error: the recording is no audio that can be decoded: it looks like WebM or Matroska");
}

TEST(Analysis, TheSameSoundOnBothChannelsHasNoSpeakers) {
  std::vector<float> both;
  const std::vector<float> words = speech();
  for (const float s : words) both.insert(both.end(), {s, s});
  const auto analysis = analyse_bytes(wav(both, 2, 16'000), {.agent_channel = 1});
  ASSERT_TRUE(analysis);
  EXPECT_FALSE(analysis->talk());
  EXPECT_TRUE(analysis->turn_taking.turns.empty());
  ASSERT_FALSE(analysis->metrics.not_measured.empty());
  EXPECT_EQ(analysis->metrics.not_measured[0].reason,
            "both channels of the recording hold the same sound");
}

TEST(Analysis, ALeakIsNoSpeech) {
  std::vector<float> both;
  std::vector<float> words;
  for (int i = 0; i < 4; ++i) {
    const std::vector<float> once = speech();
    words.insert(words.end(), once.begin(), once.end());
  }
  for (size_t i = 0; i < words.size(); ++i) {
    both.insert(both.end(), {words[i], i < 1'600 ? 0.0F : 0.05F * words[i - 1'600]});
  }
  const auto analysis = analyse_bytes(wav(both, 2, 16'000));
  ASSERT_TRUE(analysis);
  for (const Segment& segment : analysis->segments) EXPECT_EQ(segment.channel, 0);
  ASSERT_TRUE(analysis->health.by_channel[1].leak);
  EXPECT_NEAR(analysis->health.by_channel[1].leak->level_db, -26, 2);
  EXPECT_NEAR(analysis->health.by_channel[1].leak->delay_ms, 100, 10);
}

// What a late canceller lets through: a third of a second of every two, quieter and later.
TEST(Analysis, MomentsOfALeakAreNoSpeech) {
  std::vector<float> both;
  const std::vector<float> once = speech();
  for (size_t i = 0; i < 4 * once.size(); ++i) {
    const bool passes = i % 32'000 >= 16'000 && i % 32'000 < 22'000;
    const float late = i < 2'400 ? 0.0F : once[(i - 2'400) % once.size()];
    both.insert(both.end(), {once[i % once.size()], passes ? 0.25F * late : 0.0F});
  }
  const auto analysis = analyse_bytes(wav(both, 2, 16'000));
  ASSERT_TRUE(analysis);
  for (const Segment& segment : analysis->segments) EXPECT_EQ(segment.channel, 0);
  ASSERT_TRUE(analysis->health.by_channel[1].leak);
  EXPECT_NEAR(analysis->health.by_channel[1].leak->level_db, -12, 1.5);
  EXPECT_NEAR(analysis->health.by_channel[1].leak->delay_ms, 150, 10);
}

// Channel 1 hears its own talker, then somebody else in the room, 30 dB quieter.
TEST(Analysis, OthersInTheRoomAreNotTheCaller) {
  std::vector<float> both;
  const std::vector<float> once = speech();
  for (size_t i = 0; i < 2 * once.size(); ++i) {
    const float level = i < once.size() ? 1.0F : 0.03F;
    both.insert(both.end(), {i < once.size() ? 0.0F : once[(i + 40'000) % once.size()],
                             level * once[i % once.size()]});
  }
  const auto analysis = analyse_bytes(wav(both, 2, 16'000));
  ASSERT_TRUE(analysis);
  const double turn_s = static_cast<double>(once.size()) / 16'000;
  double own_s = 0, others_s = 0;
  for (const Segment& segment : analysis->segments) {
    if (segment.channel == 1)
      (segment.start_s < turn_s ? own_s : others_s) += segment.end_s - segment.start_s;
  }
  EXPECT_GT(own_s, 1);
  EXPECT_EQ(others_s, 0);
}

TEST(Analysis, StopsWhenTold) {
  auto source = open_source(memory_bytes(wav(speech(), 1, 16'000)));
  ASSERT_TRUE(source);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = analyse(**source, {}, {}, stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kUnavailable);
}

TEST(WavStream, AnyRangeIsThatOfTheWhole) {
  const std::string bytes = wav(dialogue(0.1), 2, 16'000);
  auto source = open_source(memory_bytes(bytes));
  ASSERT_TRUE(source);
  auto stream = WavStream::open(std::move(*source));
  ASSERT_TRUE(stream);
  const auto whole = stream->read(0, static_cast<size_t>(stream->size()));
  ASSERT_TRUE(whole);
  // The samples went through float and back.
  EXPECT_EQ(*whole, bytes);
  for (const auto& [offset, size] : {std::pair<size_t, size_t>{0, 10},
                                     {40, 10},
                                     {44, 1},
                                     {45, 6},
                                     {50'001, 40'000},
                                     {7, 50'000},
                                     {bytes.size() - 3, 100},
                                     {bytes.size(), 5},
                                     {bytes.size() + 9, 5}}) {
    const auto part = stream->read(offset, size);
    ASSERT_TRUE(part);
    EXPECT_EQ(*part, offset > bytes.size() ? "" : bytes.substr(offset, size)) << offset;
  }
}

TEST(Peaks, ShowTheExtremesAtEveryLevel) {
  std::vector<float> samples(256 * 4 * 4 * 3 + 1);
  samples[1'000] = 0.5F;
  samples[2'000] = -1;
  PeakBuilder builder(1);
  builder.push(0, std::span(samples).first(777));
  builder.push(0, std::span(samples).subspan(777));
  const Peaks peaks = builder.finish();
  ASSERT_EQ(peaks.level.size(), static_cast<size_t>(kPeakLevels));
  EXPECT_EQ(peaks.level[0][0].size(), 2U * (4 * 4 * 3 + 1));
  EXPECT_EQ(peaks.level[1][0].size(), 2U * 13);
  EXPECT_EQ(peaks.level[0][0][2 * 3 + 1], 64) << "0.5, rounded outwards";
  EXPECT_EQ(peaks.level[2][0][0], -127);
  EXPECT_EQ(peaks.level[2][0][1], 64);
  const std::string file = encode_peaks(peaks);
  const auto again = decode_peaks(file);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->level, peaks.level);
  const auto one = peak_level(file, 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->size(), 32 + 26U);
  const auto decoded = decode_peaks(*one);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->level[0], peaks.level[1]);
  EXPECT_FALSE(peak_level(file, 6));
  EXPECT_FALSE(decode_peaks(file.substr(1)));
}

}  // namespace
}  // namespace callscope::audio
