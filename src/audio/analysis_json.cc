#include "audio/analysis_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "audio/json_text.h"

namespace callscope::audio {
namespace {

namespace json = boost::json;

// --- Writing
// --------------------------------------------------------------------------------------

void write(JsonText& out, const Turn& turn, size_t index) {
  out.open('{')
      .whole("index", static_cast<int64_t>(index))
      .text("speaker", to_string(turn.speaker));
  out.number("start_s", turn.start_s).number("end_s", turn.end_s);
  out.number("response_latency_s", turn.response_latency_s);
  out.number("floor_transfer_offset_s", turn.floor_transfer_offset_s);
  if (turn.within_other) out.flag("within_other", true);
  if (turn.unanswered) out.flag("unanswered", true);
  out.close('}');
}

void write(JsonText& out, const Event& event) {
  out.open('{').text("type", to_string(event.type)).text("speaker", to_string(event.speaker));
  out.number("start_s", event.start_s).number("end_s", event.end_s);
  if (event.offset_s) out.number("offset_s", *event.offset_s);
  if (event.yield_s) out.number("yield_s", *event.yield_s);
  if (event.type == EventType::kInterruption)
    out.flag("yielded", event.yielded).flag("counted", event.counted);
  if (event.type == EventType::kInterruption || event.type == EventType::kOverlap) {
    out.flag("within_other", event.within_other);
  }
  if (event.type == EventType::kDeadAir) out.text("severity", event.failed ? "fail" : "warn");
  out.close('}');
}

void write(JsonText& out, const Summary& summary) {
  out.open('{').whole("n", summary.n);
  if (summary.n > 0) {
    out.number("mean", summary.mean).number("min", summary.min).number("max", summary.max);
    out.number("p25", summary.p25).number("p50", summary.p50).number("p75", summary.p75);
    out.number("p90", summary.p90).number("p95", summary.p95).number("p99", summary.p99);
    out.key("p50_interval")
        .open('[')
        .number(summary.p50_interval.first)
        .number(summary.p50_interval.second)
        .close(']');
    out.key("p95_interval")
        .open('[')
        .number(summary.p95_interval.first)
        .number(summary.p95_interval.second)
        .close(']');
  }
  out.close('}');
}

void write(JsonText& out, const SpeakerTalk& talk) {
  out.open('{').whole("turns", talk.turns).whole("talkspurts", talk.talkspurts);
  out.whole("backchannels", talk.backchannels)
      .number("speech_s", talk.speech_s)
      .number("share", talk.share);
  write(out.key("pause_s"), talk.pause_s);
  write(out.key("floor_transfer_offset_s"), talk.floor_transfer_offset_s);
  out.number("words_per_minute", talk.words_per_minute).close('}');
}

void write(JsonText& out, const Interruptions& by) {
  out.open('{')
      .whole("starts", by.starts)
      .whole("counted", by.counted)
      .whole("yielded", by.yielded);
  write(out.key("overlap_s"), by.overlap_s);
  write(out.key("yield_s"), by.yield_s);
  out.close('}');
}

void write(JsonText& out, const TauVoice& tau) {
  out.open('{').number("L_R", tau.response_latency_s).number("R_R", tau.response_rate);
  out.number("L_Y", tau.yield_latency_s)
      .number("R_Y", tau.yield_rate)
      .number("I_A", tau.agent_interruptions);
  out.number("S_BC", tau.backchannels_ignored);
  out.key("n").open('{').whole("responses", tau.responses).whole("turns", tau.turns);
  out.whole("interruptions", tau.interruptions)
      .whole("backchannels", tau.backchannels)
      .close('}')
      .close('}');
}

void write(JsonText& out, const Eva& eva) {
  out.open('{')
      .number("turn_taking", eva.score)
      .flag("passed", eva.passed)
      .whole("turns", eva.turns);
  if (eva.turns > 0) {
    out.number("early_rate", eva.early_rate)
        .number("on_time_rate", eva.on_time_rate)
        .number("late_rate", eva.late_rate);
    out.number("agent_interruption_rate", eva.agent_interruption_rate);
    out.number("caller_interruption_rate", eva.caller_interruption_rate);
  }
  out.flag("last_turn_unanswered", eva.last_turn_unanswered).close('}');
}

void write(JsonText& out, const Hosted& hosted) {
  out.open('{').number("latency_ms_mean", hosted.latency_ms_mean);
  if (hosted.latency_ms_mean) {
    out.number("latency_ms_p25", hosted.latency_ms_p25)
        .number("latency_ms_p50", hosted.latency_ms_p50);
    out.number("latency_ms_p75", hosted.latency_ms_p75)
        .number("latency_ms_p90", hosted.latency_ms_p90);
    out.number("latency_ms_p95", hosted.latency_ms_p95)
        .number("latency_ms_p99", hosted.latency_ms_p99);
  }
  out.whole("agent_interruptions", hosted.agent_interruptions);
  out.whole("caller_interruptions", hosted.caller_interruptions)
      .number("stop_ms_mean", hosted.stop_ms_mean);
  out.whole("silences", hosted.silences).flag("infrastructure_issue", hosted.infrastructure_issue);
  out.number("talk_ratio", hosted.talk_ratio)
      .number("interruption_score", hosted.interruption_score)
      .close('}');
}

void write(JsonText& out, const Metrics& metrics, bool speakers_known) {
  out.open('{');
  if (speakers_known) {
    write(out.key("response_latency_s"), metrics.response_latency_s);
    if (metrics.tools_known) {
      write(out.key("response_latency_with_tool_s"), metrics.response_latency_with_tool_s);
      write(out.key("response_latency_without_tool_s"), metrics.response_latency_without_tool_s);
    }
    out.number("latency_error_s", metrics.latency_error_s);
    write(out.key("caller"), metrics.caller);
    write(out.key("agent"), metrics.agent);
    out.key("interruptions").open('{');
    write(out.key("by_caller"), metrics.by_caller);
    write(out.key("by_agent"), metrics.by_agent);
    out.close('}')
        .whole("false_yields", metrics.false_yields)
        .whole("unanswered_turns", metrics.unanswered_turns);
    const DeadAir& dead = metrics.dead_air;
    out.key("dead_air").open('{').whole("n", dead.warned).whole("failed", dead.failed);
    out.number("total_s", dead.total_s).number("longest_s", dead.longest_s);
    out.number("owed_by_agent_s", dead.owed_by_agent_s)
        .number("owed_by_caller_s", dead.owed_by_caller_s)
        .close('}');
    out.number("time_to_first_audio_s", metrics.time_to_first_audio_s);
    out.number("overlap_share", metrics.overlap_share)
        .number("silence_share", metrics.silence_share);
    out.key("panels").open('{');
    write(out.key("tau_voice"), metrics.tau_voice);
    write(out.key("eva"), metrics.eva);
    write(out.key("hosted"), metrics.hosted);
    out.close('}');
  } else {
    for (const char* name : {"response_latency_s", "latency_error_s", "caller", "agent",
                             "interruptions", "false_yields", "unanswered_turns", "dead_air",
                             "time_to_first_audio_s", "overlap_share", "silence_share", "panels"}) {
      out.key(name).raw("null");
    }
  }
  out.key("not_measured").open('[');
  for (const NotMeasured& missing : metrics.not_measured) {
    out.open('{').text("metric", missing.metric).text("reason", missing.reason).close('}');
  }
  out.close(']').close('}');
}

void write(JsonText& out, const ChannelHealth& channel) {
  out.open('{')
      .whole("channel", channel.channel)
      .flag("silent", channel.silent)
      .number("speech_s", channel.speech_s);
  out.number("loudness_lufs", channel.loudness_lufs).number("speech_db", channel.speech_db);
  out.number("noise_db", channel.noise_db)
      .number("snr_db", channel.snr_db)
      .number("peak_db", channel.peak_db);
  out.number("dc_offset", channel.dc_offset).number("clipped_share", channel.clipped_share);
  out.whole("clipped_runs", channel.clipped_runs).whole("dropouts", channel.dropouts);
  out.number("dropouts_per_minute", channel.dropouts_per_minute);
  out.number("pitch_hz", channel.pitch_hz).number("bandwidth_hz", channel.bandwidth_hz);
  out.key("leak");
  if (channel.leak) {
    const Leak& leak = *channel.leak;
    out.open('{').whole("from_channel", leak.from_channel).number("level_db", leak.level_db);
    out.number("delay_ms", leak.delay_ms)
        .number("correlation", leak.correlation)
        .number("masked_s", leak.masked_s);
    out.close('}');
  } else {
    out.raw("null");
  }
  out.close('}');
}

void write_channel(JsonText& out, std::string_view name, const std::optional<int>& channel) {
  out.key(name);
  if (channel) {
    out.whole(*channel);
  } else {
    out.raw("null");
  }
}

void write(JsonText& out, const Health& health) {
  out.open('{').text("format", health.format).text("encoding", health.encoding);
  out.whole("channels", health.channels).whole("sample_rate_hz", health.sample_rate_hz);
  out.number("duration_s", health.duration_s).number("stated_duration_s", health.stated_duration_s);
  out.number("expected_duration_s", health.expected_duration_s)
      .number("drift_ppm", health.drift_ppm);
  out.number("channel_correlation", health.channel_correlation);
  out.number("refined_edge_share", health.refined_edge_share);
  out.key("agent_channel").open('{');
  write_channel(out, "channel", health.agent_channel.channel);
  out.text("choice", to_string(health.agent_channel.choice));
  out.number("confidence", health.agent_channel.confidence);
  write_channel(out, "found", health.agent_channel.found);
  out.close('}').key("by_channel").open('[');
  for (const ChannelHealth& channel : health.by_channel) write(out, channel);
  out.close(']').key("flags").open('[');
  for (const HealthFlag& flag : health.flags) {
    out.open('{').text("code", flag.code).text("message", flag.message).close('}');
  }
  out.close(']').close('}');
}

// --- Reading
// --------------------------------------------------------------------------------------

// Members are looked up leniently; what is missing keeps its default.
const json::value* find(const json::value& object, std::string_view name) {
  return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}
std::optional<double> number_of(const json::value& object, std::string_view name) {
  const json::value* const value = find(object, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}
double number_or(const json::value& object, std::string_view name, double fallback) {
  return number_of(object, name).value_or(fallback);
}
// Far beyond anything we write; keeps a number that somebody changed from overflowing.
int64_t whole_of(const json::value& object, std::string_view name) {
  return static_cast<int64_t>(std::clamp(number_or(object, name, 0), -9e15, 9e15));
}
int small_of(const json::value& object, std::string_view name) {
  return static_cast<int>(std::clamp(number_or(object, name, 0), -1e9, 1e9));
}
std::string text_of(const json::value& object, std::string_view name) {
  const json::value* const value = find(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}
bool flag_of(const json::value& object, std::string_view name) {
  const json::value* const value = find(object, name);
  return value != nullptr && value->is_bool() && value->get_bool();
}
std::optional<int> channel_of(const json::value& object, std::string_view name) {
  if (!number_of(object, name)) return std::nullopt;
  return small_of(object, name);
}
json::array list_of(const json::value& object, std::string_view name) {
  const json::value* const value = find(object, name);
  return value != nullptr && value->is_array() ? value->get_array() : json::array();
}

ChannelHealth read_channel(const json::value& in) {
  ChannelHealth channel{.channel = small_of(in, "channel"),
                        .loudness_lufs = number_of(in, "loudness_lufs"),
                        .speech_db = number_of(in, "speech_db"),
                        .noise_db = number_of(in, "noise_db"),
                        .snr_db = number_of(in, "snr_db"),
                        .pitch_hz = number_of(in, "pitch_hz"),
                        .bandwidth_hz = number_of(in, "bandwidth_hz"),
                        .peak_db = number_or(in, "peak_db", -120),
                        .dc_offset = number_or(in, "dc_offset", 0),
                        .clipped_share = number_or(in, "clipped_share", 0),
                        .clipped_runs = whole_of(in, "clipped_runs"),
                        .dropouts = whole_of(in, "dropouts"),
                        .dropouts_per_minute = number_or(in, "dropouts_per_minute", 0),
                        .speech_s = number_or(in, "speech_s", 0),
                        .silent = flag_of(in, "silent")};
  if (const json::value* const leak = find(in, "leak"); leak != nullptr && leak->is_object()) {
    channel.leak = Leak{.from_channel = small_of(*leak, "from_channel"),
                        .level_db = number_or(*leak, "level_db", 0),
                        .delay_ms = number_or(*leak, "delay_ms", 0),
                        .correlation = number_or(*leak, "correlation", 0),
                        .masked_s = number_or(*leak, "masked_s", 0)};
  }
  return channel;
}

Health read_health(const json::value& in) {
  Health health{.format = text_of(in, "format"),
                .encoding = text_of(in, "encoding"),
                .channels = small_of(in, "channels"),
                .sample_rate_hz = small_of(in, "sample_rate_hz"),
                .duration_s = number_or(in, "duration_s", 0),
                .stated_duration_s = number_of(in, "stated_duration_s"),
                .expected_duration_s = number_of(in, "expected_duration_s"),
                .drift_ppm = number_of(in, "drift_ppm"),
                .channel_correlation = number_of(in, "channel_correlation"),
                .refined_edge_share = number_or(in, "refined_edge_share", 0)};
  if (const json::value* const agent = find(in, "agent_channel")) {
    health.agent_channel = {.channel = channel_of(*agent, "channel"),
                            .confidence = number_or(*agent, "confidence", 0),
                            .found = channel_of(*agent, "found")};
    const std::string choice = text_of(*agent, "choice");
    for (const ChannelChoice each : {ChannelChoice::kStated, ChannelChoice::kFound}) {
      if (choice == to_string(each)) health.agent_channel.choice = each;
    }
  }
  const json::array channels = list_of(in, "by_channel");
  for (const json::value& channel : channels) health.by_channel.push_back(read_channel(channel));
  const json::array flags = list_of(in, "flags");
  for (const json::value& flag : flags)
    health.flags.push_back({text_of(flag, "code"), text_of(flag, "message")});
  return health;
}

}  // namespace

std::string to_json(const Analysis& analysis) {
  std::string text;
  JsonText out(text);
  out.open('{').number("duration_s", analysis.duration_s).key("turns").open('[');
  for (size_t i = 0; i < analysis.turn_taking.turns.size(); ++i)
    write(out, analysis.turn_taking.turns[i], i);
  out.close(']').key("segments").open('[');
  for (const Segment& segment : analysis.segments) {
    out.open('{')
        .whole("channel", segment.channel)
        .number("start_s", segment.start_s)
        .number("end_s", segment.end_s);
    out.close('}');
  }
  out.close(']').key("events").open('[');
  for (const Event& event : analysis.turn_taking.events) write(out, event);
  out.close(']');
  write(out.key("metrics"), analysis.metrics, analysis.talk().has_value());
  write(out.key("health"), analysis.health);
  out.key("settings").open('{');
  for (const SettingInfo& setting : setting_list())
    out.number(setting.name, analysis.settings.*setting.value);
  out.close('}').close('}');
  return text;
}

Result<Analysis> analysis_from_json(std::string_view text) {
  const Error broken{ErrorCode::kDataLoss, "the stored analysis of a recording cannot be read"};
  boost::system::error_code error;
  const json::value in = json::parse({text.data(), text.size()}, error);
  if (error || find(in, "segments") == nullptr || find(in, "health") == nullptr) return broken;
  Analysis analysis;
  analysis.duration_s = number_or(in, "duration_s", 0);
  analysis.health = read_health(*find(in, "health"));
  if (const json::value* const settings = find(in, "settings")) {
    for (const SettingInfo& setting : setting_list()) {
      analysis.settings.*setting.value =
          number_or(*settings, setting.name, analysis.settings.*setting.value);
    }
  }
  const json::array segments = list_of(in, "segments");
  for (const json::value& segment : segments) {
    analysis.segments.push_back({small_of(segment, "channel"), number_or(segment, "start_s", 0),
                                 number_or(segment, "end_s", 0)});
  }
  MetricsContext context;
  if (const json::value* const metrics = find(in, "metrics"))
    context.latency_error_s = number_of(*metrics, "latency_error_s");
  derive(analysis, context);
  return analysis;
}

}  // namespace callscope::audio
