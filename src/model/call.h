// A call: one record made of everything that was sent about it. CallSummary is what the catalog
// keeps and a list shows; Call adds turns, tool uses and model use, derived anew from the spans
// whenever somebody looks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/facts.h"
#include "model/report.h"

namespace callscope::model {

// Where a call's data came from. Bits; the order is part of the catalog: append only.
enum CallSource : uint32_t {
  kFromOtlp = 1u << 0,       // OTLP spans
  kFromOtlpLogs = 1u << 1,   // OTLP log records
  kFromObserve = 1u << 2,    // a posted call log
  kFromSession = 1u << 3,    // an SDK session
  kFromRecording = 1u << 4,  // audio
  kFromWebhook = 1u << 5,    // a provider's own report
  kFromApi = 1u << 6,        // written through our own API
};
std::vector<std::string_view> source_names(uint32_t sources);  // "otlp", …

// What is odd about a call. Bits; the order is part of the catalog: append only.
enum class CallFlag : uint32_t {
  kDelayOver60s = 1u << 0,         // a latency of more than a minute
  kSttSpanTooShort = 1u << 1,      // a transcription span under 1 ms: its length says nothing
  kEndBeforeStart = 1u << 2,       // a span ends before it starts
  kLatencySkipsStage = 1u << 3,    // a turn's latency is shorter than one of its stages
  kClockFarOff = 1u << 4,          // a span more than a day from when it was received
  kOrphanSpans = 1u << 5,          // spans whose parent never came
  kParentCycle = 1u << 6,          // spans that are their own ancestors
  kSeveralRoots = 1u << 7,         // a trace with several roots
  kTurnGap = 1u << 8,              // reported turn numbers skip or repeat
  kRehomedSpans = 1u << 9,         // spans that hung under another call
  kDoubleInstrumented = 1u << 10,  // one request reported by two instrumentations; counted once
  kSplitTrace = 1u << 11,          // its trace holds other calls too
  kSpanIdReused = 1u << 12,        // one span id sent with different spans
  kAttributesCut = 1u << 13,       // attributes were cut or dropped at a limit
  kUnpricedUse = 1u << 14,         // model use without a known price: the cost is a lower bound
  kEstimatedCost = 1u << 15,       // part of the cost was computed from an estimate
  kTooManySpans = 1u << 16,        // more spans than we derive turns from; numbers cover a part
  kMissingTimes = 1u << 17,        // spans without a start or an end
  kReportNotes = 1u << 18,         // a part of a report could not be read
  kFieldConflict = 1u << 19,       // two sources say different things
};
inline constexpr int kCallFlagCount = 20;
constexpr uint32_t bit(CallFlag flag) { return static_cast<uint32_t>(flag); }

struct FlagText {
  std::string_view code;     // "delay_over_60s"
  std::string_view message;  // one sentence for people
};
FlagText flag_text(CallFlag flag);

enum class CallState : uint8_t { kRunning, kQuiet, kEnded };
std::string_view to_string(CallState state);

// A call is quiet when nothing was received for this long, and taken as ended after the second.
inline constexpr DurationNs kQuietAfter = DurationNs::from_s(20);
inline constexpr DurationNs kEndedAfter = DurationNs::from_s(300);
CallState call_state(bool root_ended, TimeNs last_activity, TimeNs now);

struct FrameworkVersion {
  std::string name;
  std::string version;  // empty where the sender does not say
  bool operator==(const FrameworkVersion&) const = default;
};

struct ModelName {
  OpKind kind = OpKind::kLlm;
  std::string provider;  // empty where unknown
  std::string model;     // empty where unknown
  bool operator==(const ModelName&) const = default;
};

// Response latencies of one kind, in whole milliseconds. n == 0: none was captured.
struct LatencySummary {
  uint32_t n = 0;
  uint32_t p50_ms = 0;
  uint32_t p95_ms = 0;
  uint32_t max_ms = 0;
  bool operator==(const LatencySummary&) const = default;
};
// Percentiles by the nearest rank. Measures that are absent do not count.
LatencySummary summarise(const std::vector<Measure>& latencies_ms);

// Sums over the billable spans of a call; a measure that no span had is absent.
struct Totals {
  Measure input_tokens;  // with the cached ones
  Measure output_tokens;
  Measure cache_read_tokens, cache_write_tokens, reasoning_tokens;
  Measure audio_input_tokens, audio_output_tokens;
  Measure characters;
  Measure stt_audio_us, tts_audio_us;
  Measure cost_nano_usd;
  bool operator==(const Totals&) const = default;
};

// A report that a call was made of, in the version that was read.
struct ReportRef {
  ReportId id = 0;
  int64_t revision = 0;
  bool operator==(const ReportRef&) const = default;
};

// How often a tool was used, where no span tells of it: messages to a model or a call log do.
struct ToolTally {
  std::string name;
  uint32_t uses = 0;
  uint32_t errors = 0;
  bool operator==(const ToolTally&) const = default;
};

// Counts one more use; `tallies` stays sorted by name, and at most kTalliesMax names are counted.
void add_use(std::vector<ToolTally>& tallies, std::string_view name, bool failed);
inline constexpr size_t kTalliesMax = 32;

struct CallSummary {
  CallId id = 0;
  ProjectId project = 0;
  AgentId agent = 0;
  std::string call_id;  // the sender's name of the call, else its first trace id in hex
  SpanId anchor;        // the call's own span where its trace holds several calls; else zero

  TimeNs started;
  TimeNs ended;             // of the newest span so far; unset where no span has an end
  TimeNs last_activity;     // when the newest span was received
  bool root_ended = false;  // the call's own span has ended
  std::string end_reason;   // empty where unknown

  uint32_t sources = 0;  // of CallSource
  uint32_t flags = 0;    // of CallFlag
  uint32_t span_count = 0;
  uint32_t turn_count = 0;
  uint32_t tool_count = 0;
  uint32_t tool_error_count = 0;
  uint32_t error_count = 0;         // failed spans, tools among them
  uint32_t interruption_count = 0;  // the caller cut in

  std::vector<TraceId> trace_ids;         // in order of start; those a report names come last
  std::vector<ReportRef> reports;         // in order of id
  std::vector<std::string> session_keys;  // names that later traces may join by; call_id may be one
  std::vector<FrameworkVersion> frameworks;
  std::vector<ModelName> models;
  std::vector<std::string> tool_names;
  std::vector<ToolTally> told_tools;  // by name; empty where the tools have spans
  std::vector<std::pair<std::string, std::string>> metadata;  // the sender's own keys
  Totals totals;
  CostSource cost_source = CostSource::kNone;  // kReported only where all of the cost is

  // Caller stops to agent starts. As the framework reported it and as we computed it from spans:
  // two measures that start at different instants, kept apart and never averaged together.
  LatencySummary reported, computed;
  // One entry a turn, in order; absent where not captured, and left out at the end. At most
  // kTurnLatenciesMax turns.
  std::vector<Measure> turn_reported_ms, turn_computed_ms;
  // The slowest turn by what was reported, or by what was computed where nothing was.
  std::optional<uint32_t> slowest_turn;
  Measure slowest_ms;

  bool operator==(const CallSummary&) const = default;
};
inline constexpr size_t kTurnLatenciesMax = 200;
inline constexpr size_t kMetadataMax = 16;        // keys
inline constexpr size_t kMetadataValueMax = 200;  // bytes of a value

// What of a summary has no column of its own: frameworks, models, tool names and tallies, session
// keys, metadata, token totals, latencies, end reason. One JSON object with short keys; what is
// absent takes no byte. docs/formats/catalog.md has its members. A call of ten turns takes about
// 220 bytes.
//
// In columns: id, project, agent, call_id, anchor, started, ended, last_activity, root_ended,
// sources, flags, the counts, totals.cost_nano_usd, slowest_turn, slowest_ms; trace_ids are the
// catalog's link rows. The catalog may leave call_id empty where it is the first trace id.
std::string pack_rest(const CallSummary& summary);
// Fills the members that pack_rest() wrote. Members of a later version are passed over.
Result<void> unpack_rest(std::string_view rest, CallSummary& summary);

// ---- the call in detail -----------------------------------------------------------------------

enum class TurnSource : uint8_t { kSpan, kPaired, kInferred, kTranscript, kRecording };
std::string_view to_string(TurnSource source);  // "span", "paired", …

// One side of a turn. An unset start or end was not captured.
struct TurnSide {
  TimeNs start;
  TimeNs end;
  std::string text;
  std::string generated_text;  // the agent's full answer where `text` is only what was played
};

// Parts of the silence between caller and agent, in microseconds; absent means not captured.
struct Stages {
  Measure endpointing_us;       // end of speech to the decision that the turn is over
  Measure stt_us;               // end of speech to the final transcript
  Measure llm_rounds_us;        // earlier model requests of the turn, which asked for tools
  Measure tool_us;              // tools before the answer; parallel ones count once
  Measure llm_ttft_us;          // request to first token, of the request that answered
  Measure text_aggregation_us;  // first token to the first sentence for the TTS
  Measure tts_ttfb_us;
  Measure unattributed_us;  // the rest of the latency, where the parts are known
  bool operator==(const Stages&) const = default;
};

// A part of the silence that was heard before an answer.
struct HeardPart {
  std::string stage;  // "endpointing", "stt", "llm", "tool", "tts", "playout", "unexplained"
  Measure ms;         // absent: the framework does not report this stage
  std::vector<std::string> span_ids;
};

struct Turn {
  uint32_t index = 0;      // from 0, by start
  Measure reported_index;  // the framework's own number
  TurnSource source = TurnSource::kInferred;
  TimeNs start;
  TimeNs end;
  std::optional<TurnSide> user;
  std::optional<TurnSide> agent;
  bool interrupted = false;
  std::string interrupted_by;  // "user", "programmatic", "call_end"; empty where unknown
  Measure reported_us;
  Measure computed_us;
  std::string computed_from;  // such as "agent_speech-user_speech"; empty where not computed
  Stages stages;
  std::vector<SpanId> span_ids;
  // From the recording: the silence before the agent's answer, and what it is made of; the parts
  // sum to it. No parts where the clocks of recording and spans are not known to each other.
  Measure heard_ms;
  std::vector<HeardPart> heard_parts;
};

struct ToolUse {
  std::string name;
  std::string call_id;
  std::string arguments;
  std::optional<std::string> result;
  bool is_error = false;
  std::string error;
  TimeNs start;
  Measure duration_us;  // absent where the span's length does not mean the tool's
  std::optional<uint32_t> turn_index;
  TraceId trace_id;  // of the tool's span, or of the model call that asked for it
  SpanId span_id;
  bool synthetic = false;  // rebuilt from the messages of model calls
};

struct ModelUse {
  ModelName name;
  uint32_t calls = 0;
  uint32_t errors = 0;
  Measure input_tokens, output_tokens, cache_read_tokens;
  Measure characters;
  Measure audio_us;
  Measure cost_nano_usd;
  CostSource cost_source = CostSource::kNone;
  LatencySummary latency;  // to first output
};

struct FlagNote {
  CallFlag flag = CallFlag::kDelayOver60s;
  std::optional<SpanId> span_id;  // an example
};

// An entry of the call's transcript, on the clock of the spans. Times are unset where unknown.
struct CallUtterance {
  Role role = Role::kSystem;
  std::string text;
  std::string generated_text;
  TimeNs start, end;
  std::optional<bool> interrupted;
  std::optional<double> confidence;
  std::optional<ReportedTool> tool;
};

// Where a field of the call comes from, and what less direct sources said of it.
struct FieldSource {
  struct Said {
    std::string source;  // "observe", "pipecat_session", …, or "spans"
    std::string value;
  };
  std::string field;
  std::string source;
  std::vector<Said> others;  // those that said something else
};

// A report that is part of the call, under the id by which a split names it.
struct ReportPart {
  TraceId id;
  std::string source;
  TimeNs received;
};

struct SourcedNote {
  std::string source;
  ReportNote note;
};

struct Call {
  CallSummary summary;
  std::vector<Turn> turns;
  std::vector<ToolUse> tools;
  std::vector<ModelUse> models;
  std::vector<FlagNote> flags;                 // one for each bit of summary.flags
  std::string direction, from, to, transport;  // empty where unknown

  std::vector<CallUtterance> transcript;
  std::string transcript_source;  // of a report, or "spans"
  std::string customer_number, feedback, dynamic_variables;
  std::string metadata;  // a JSON object of all reports' keys, whole; empty where there is none
  std::vector<ReportedLog> logs;
  std::vector<FieldSource> fields;
  std::vector<SourcedNote> notes;
  std::vector<ReportPart> report_parts;
};

}  // namespace callscope::model
