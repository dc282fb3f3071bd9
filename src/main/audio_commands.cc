// callscope audio analyze
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "audio/analysis.h"
#include "audio/analysis_json.h"
#include "base/file.h"
#include "main/command.h"
#include "main/text_table.h"

namespace callscope {
namespace {

struct AudioFlags {
  std::string file;
  std::optional<int> agent_channel;
  std::optional<double> expected_s;
  std::string raw;
  int rate_hz = 16'000;
  int channels = 1;
  std::vector<std::string> settings;
  std::string peaks;
  bool json = false;
};

Result<audio::AnalysisOptions> options_of(const AudioFlags& flags) {
  audio::AnalysisOptions options{.agent_channel = flags.agent_channel,
                                 .expected_duration_s = flags.expected_s,
                                 .peaks = !flags.peaks.empty()};
  for (const std::string& given : flags.settings) {
    const size_t equals = given.find('=');
    double value = 0;
    const char* const end = given.data() + given.size();
    if (equals == given.npos || std::from_chars(given.data() + equals + 1, end, value).ptr != end) {
      return Error{ErrorCode::kInvalidArgument, "--set takes NAME=NUMBER, not " + given};
    }
    TRY(audio::set(options.settings, given.substr(0, equals), value));
  }
  return options;
}

std::string seconds(const audio::Summary& summary) {
  if (summary.n == 0) return "none";
  return fmt::format("p50 {:.2f} s, p95 {:.2f} s, mean {:.2f} s, n {}", summary.p50, summary.p95,
                     summary.mean, summary.n);
}

std::string as_text(const audio::Analysis& analysis) {
  const audio::Health& health = analysis.health;
  const audio::Metrics& metrics = analysis.metrics;
  std::string out = fmt::format("{} {}, {} channel{}, {} Hz, {:.1f} s\n", health.format,
                                health.encoding, health.channels, health.channels == 1 ? "" : "s",
                                health.sample_rate_hz, analysis.duration_s);
  if (health.agent_channel.channel) {
    out += fmt::format("the agent is channel {} ({}, confidence {:.2f})\n",
                       *health.agent_channel.channel, to_string(health.agent_channel.choice),
                       health.agent_channel.confidence);
  }
  for (const audio::HealthFlag& flag : health.flags) out += fmt::format("! {}\n", flag.message);
  if (!analysis.talk()) return out;
  TextTable table({"TURN", "SPEAKER", "START", "END", "OFFSET", "LATENCY"});
  for (size_t i = 0; i < analysis.turn_taking.turns.size(); ++i) {
    const audio::Turn& turn = analysis.turn_taking.turns[i];
    const auto optional = [](const std::optional<double>& s) {
      return s ? fmt::format("{:.2f}", *s) : "-";
    };
    table.add({std::to_string(i), std::string(to_string(turn.speaker)),
               fmt::format("{:.2f}", turn.start_s), fmt::format("{:.2f}", turn.end_s),
               optional(turn.floor_transfer_offset_s), optional(turn.response_latency_s)});
  }
  out += '\n' + table.text() + '\n';
  out += fmt::format("response latency  {}\n", seconds(metrics.response_latency_s));
  if (metrics.latency_error_s)
    out += fmt::format("  each within      ±{:.2f} s\n", *metrics.latency_error_s);
  out += fmt::format("interruptions     {} by the agent, {} by the caller\n",
                     metrics.by_agent.counted, metrics.by_caller.counted);
  out += fmt::format("yield             {}\n", seconds(metrics.by_caller.yield_s));
  out += fmt::format("unanswered turns  {}\n", metrics.unanswered_turns);
  out += fmt::format("dead air          {}, {:.1f} s\n", metrics.dead_air.warned,
                     metrics.dead_air.total_s);
  out += fmt::format(
      "talk              agent {:.0f} %, caller {:.0f} %, both {:.0f} %, silence {:.0f} %\n",
      metrics.agent.share * 100, metrics.caller.share * 100, metrics.overlap_share * 100,
      metrics.silence_share * 100);
  return out;
}

Result<std::string> analyze(const AudioFlags& flags) {
  const audio::AnalysisOptions options = TRY(options_of(flags));
  audio::SourceHints hints{.raw = {}, .for_analysis = true};
  if (!flags.raw.empty()) {
    const auto encoding = audio::raw_encoding(flags.raw);
    if (!encoding) {
      return Error{ErrorCode::kInvalidArgument,
                   "--raw takes s16le, s16be, mulaw, alaw or f32le, not " + flags.raw};
    }
    hints.raw = audio::RawFormat{*encoding, flags.channels, flags.rate_hz};
  }
  const auto source = TRY(audio::open_audio(flags.file, hints));
  auto analysed = audio::analyse(*source, options);
  if (!analysed) return std::move(analysed).error().within(flags.file);
  if (analysed->peaks)
    TRY(write_file_durably(flags.peaks, audio::encode_peaks(std::move(*analysed->peaks))));
  return flags.json ? audio::to_json(*analysed) + "\n" : as_text(*analysed);
}

}  // namespace

void add_audio_commands(CLI::App& app, CommandLine& line) {
  const auto flags = std::make_shared<AudioFlags>();
  CLI::App* const audio = app.add_subcommand("audio", "Look at a recording")->require_subcommand(1);
  CLI::App* const command = audio->add_subcommand(
      "analyze", "Measure a recording's turns and latencies; needs no server");
  command
      ->add_option("file", flags->file,
                   "WAV, FLAC, MP3, Ogg Opus or Vorbis; two channels, one a speaker")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--agent-channel", flags->agent_channel,
                   "which channel is the agent's; default found out")
      ->type_name("0|1")
      ->check(CLI::Range(0, 1));
  command->add_option("--expected-duration", flags->expected_s, "how long the call was; compared")
      ->type_name("SECONDS");
  command
      ->add_option("--raw", flags->raw,
                   "samples without a header: s16le, s16be, mulaw, alaw or f32le")
      ->type_name("ENCODING");
  command->add_option("--rate", flags->rate_hz, "samples a second of --raw (default 16000)")
      ->type_name("HZ");
  command->add_option("--channels", flags->channels, "channels of --raw (default 1)")
      ->type_name("N");
  command->add_option("--set", flags->settings, "another value for a threshold; may be repeated")
      ->type_name("NAME=NUMBER")
      ->take_all();
  command->add_option("--peaks", flags->peaks, "write the waveform's outline there too")
      ->type_name("FILE");
  command->add_flag("--json", flags->json, "as JSON");
  command->callback([&line, flags] { line.chosen = [flags] { return analyze(*flags); }; });
}

}  // namespace callscope
