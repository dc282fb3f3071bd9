// What one sender reports of a call apart from spans: a posted call log, the session of an SDK, a
// provider's webhook. `normalise` reads it from the sender's dialect, the catalog keeps the bytes
// that came, and `calls` joins it with whatever else is known of the call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/facts.h"

namespace callscope::model {

// How a report came. The order is part of the catalog: append only.
enum class ReportKind : uint8_t {
  kObserve,            // POST /observability/v1/observe/
  kPipecatSession,     // POST /observability/v1/pipecat/observe/
  kPipecatSimulation,  // POST /test_framework/v1/pipecat/webhook/
  kLivekitSession,     // POST /observability/v1/livekit/observe/
  kLivekitSimulation,  // POST /test_framework/v1/livekit-webhook/
  kLivekitUpload,  // LiveKit's own POST …/observability/recordings/v0: chat history and header
  kVapi,           // Vapi's end-of-call report
  kRetell,         // Retell's call events
  kElevenLabs,     // ElevenLabs' post-call webhook
  kApi,            // our own POST and PATCH /api/v1/calls
};
inline constexpr int kReportKindCount = static_cast<int>(ReportKind::kApi) + 1;
std::string_view to_string(ReportKind kind);  // "observe", "pipecat_session", …

enum class Role : uint8_t { kCaller, kAgent, kTool, kSystem };
std::string_view to_string(Role role);  // "caller", "agent", "tool", "system"

// A tool call and, where it came, its result: one entry for both.
struct ReportedTool {
  std::string id;
  std::string name;
  std::string arguments;              // as sent; mostly JSON
  std::optional<std::string> result;  // absent: none came
  bool is_error = false;
  std::string error;
  Measure duration_us;
};

// What the sender measured of the silence before the agent's words; absent where it does not say.
struct ReportedWait {
  Measure total_us;        // from the end of the caller's speech to the start of the agent's
  Measure endpointing_us;  // to the decision that the turn is over
  Measure stt_us;          // to the final transcript
  Measure llm_us;          // request to first token
  Measure tts_us;          // request to first byte
  bool operator==(const ReportedWait&) const = default;
};

// One entry of a transcript. Times are from the report's zero; absent where the dialect has none.
struct Utterance {
  Role role = Role::kSystem;
  std::string text;
  std::string generated_text;  // the agent's full answer where `text` is only what was played
  std::optional<DurationNs> start, end;
  std::optional<bool> interrupted;
  std::optional<double> confidence;  // of the transcription, 0 … 1
  std::optional<ReportedTool> tool;  // with role kTool
  ReportedWait wait;  // before the agent's reply; LiveKit says a part of it with the caller's words
};

struct ReportedLog {
  TimeNs time;
  std::string level;  // as sent, upper case: "INFO"
  std::string logger;
  std::string message;
};

// What could not be read, and why: never dropped in silence.
struct ReportNote {
  std::string field;    // "transcript_json[3].role"
  std::string message;  // what was found and what was expected
};

struct Report {
  ReportKind kind = ReportKind::kApi;
  std::optional<int64_t> agent_id;  // as the body names it
  std::string assistant_id;         // the provider's name of the agent
  std::string call_id;              // the sender's name of the call
  std::vector<std::string> names;   // further names: session, conversation, room, job
  std::vector<TraceId> trace_ids;
  std::string idempotency_key;  // the same key again is the same report, newer

  TimeNs zero;            // UTC of the transcript's second 0; unset where unknown
  TimeNs started, ended;  // unset where the sender does not say
  std::string end_reason;
  std::string customer_number;
  std::string direction, from, to, transport;
  std::string feedback;
  std::string sdk;                // name and version of the sender: "cekura-python 1.6.7"
  std::string metadata;           // a JSON object, or empty
  std::string dynamic_variables;  // a JSON object, or empty

  std::string transcript_type;  // the dialect as stated
  std::string dialect;          // the one it was read as; empty where there is no transcript
  std::vector<Utterance> transcript;
  std::vector<ReportedLog> logs;
  std::vector<ReportNote> notes;

  std::string recording_url;  // to be fetched
  std::string recording_key;  // the object that the SDK uploaded
  TimeNs recording_started;   // UTC of audio sample 0; unset where unknown
  std::optional<double> recording_drift_ppm;
  std::optional<int> agent_channel;  // 0 or 1
  std::optional<bool> consent;       // what the caller said to being recorded
  bool defers_evaluation = false;
};

}  // namespace callscope::model
