// What the catalog keeps, as plain values. docs/formats/catalog.md has the tables they are kept in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/call.h"
#include "model/report.h"

namespace callscope::store {

struct Project {
  ProjectId id = 0;
  std::string name;
  TimeNs created;
};

struct Agent {
  AgentId id = 0;
  ProjectId project = 0;
  std::string name;
  std::string service_name;  // of the spans that belong to it; empty where it is named by id only
  std::string provider;      // such as "pipecat" or "livekit"; empty where unknown
  TimeNs created;
};

enum class Access : uint8_t { kReadOnly, kReadWrite };
std::string_view to_string(Access access);  // "read-only", "read-write"
std::optional<Access> parse_access(std::string_view text);

using KeyId = int64_t;

// Never the secret itself, which is shown once, when the key is made.
struct Key {
  KeyId id = 0;
  ProjectId project = 0;
  std::string name;
  Access access = Access::kReadWrite;
  bool admin = false;  // may administer every project, its agents and keys
  TimeNs created;
  TimeNs last_used;  // not set while unused; up to a minute late
  TimeNs revoked;    // not set while valid
};

// The digest of a key's secret, by which it is found.
using KeyHash = std::array<uint8_t, 32>;

struct HashedKey {
  Key key;
  KeyHash hash{};
};

struct NewKey {
  Key key;
  std::string secret;  // "cs_…": hand it out and forget it
};

// What LiveKit signs the tokens of a project's agents with.
struct LivekitKey {
  ProjectId project = 0;
  std::string api_key;
  std::string api_secret;  // in the clear, since tokens are checked with it
};

enum class Dataset : uint8_t { kSpans, kLogs };
std::string_view to_string(Dataset dataset);  // "spans", "logs"

using SegmentId = int64_t;

// One immutable file of the lake.
struct Segment {
  SegmentId id = 0;  // given by the catalog
  Dataset dataset = Dataset::kSpans;
  std::string path;  // relative to the object store
  int64_t rows = 0;
  int64_t bytes = 0;
  TimeNs start_min;  // of the spans or log lines in it
  TimeNs start_max;
  TimeNs received_max;
  int64_t generation = 0;  // of the flush that wrote it, or the highest of those compacted into it
  TimeNs created;
  TimeNs superseded;           // when another took its place; its file goes once no reader holds it
  bool needs_rewrite = false;  // holds rows of deleted traces
  std::string quarantined;     // why it was set aside; empty for a sound one
};

// Takes effect as a whole or not at all, and survives a loss of power once it returned.
struct SegmentCommit {
  std::vector<Segment> add;                   // their ids are ignored and given anew
  std::vector<SegmentId> supersede;           // the inputs of a compaction
  std::optional<int64_t> flushed_generation;  // everything up to it is in the lake
  std::optional<int64_t> calls_generation;    // the calls of everything up to it are saved
  TimeNs now;                                 // from which `supersede` is superseded
};

// A report as it came: model::Report is read from `body` whenever it is needed.
struct SavedReport {
  ReportId id = 0;
  ProjectId project = 0;
  AgentId agent = 0;
  model::ReportKind kind = model::ReportKind::kApi;
  std::string key;         // unique among the reports of its kind in the project
  CallId call = 0;         // that it belongs to
  TimeNs created;          // when its first version was received
  TimeNs received;         // when this version was
  int64_t revision = 0;    // counts its versions
  bool is_joined = false;  // the call was derived from this version
  std::string body;        // JSON
};

// A report takes part in joining calls as a trace does; this is its id there. No real trace has it:
// that would take a random number to begin with the same eight bytes.
TraceId trace_of_report(ReportId report);
std::optional<ReportId> report_of_trace(const TraceId& trace);

struct Tombstone {
  ProjectId project = 0;
  TraceId trace;
  TimeNs deleted;
};

using RecordingId = int64_t;

// How a recording came, and how far it is. The orders are part of the catalog: append only.
enum class RecordingSource : uint8_t { kSdk, kObserve, kLivekit, kApi, kUrl };
std::string_view to_string(RecordingSource source);  // "sdk", "observe", "livekit", "api", "url"

enum class RecordingState : uint8_t { kReceiving, kComplete, kFailed };
std::string_view to_string(RecordingState state);  // "receiving", "complete", "failed"

// Audio of a call, in the object store.
struct Recording {
  RecordingId id = 0;  // given by the catalog
  ProjectId project = 0;
  AgentId agent = 0;  // 0: not known
  CallId call = 0;    // 0: not joined yet
  std::string key;    // of its object
  RecordingSource source = RecordingSource::kApi;
  RecordingState state = RecordingState::kComplete;
  std::string content_type;  // of the bytes, by what they are
  std::string format;        // "wav", "flac", "mp3", "ogg", "raw"; empty where it is not known
  std::string encoding;      // of samples in a wav or raw: "s16le", "mulaw", … (audio_format.h)
  std::optional<int64_t> channels;
  std::optional<int64_t> sample_rate_hz;
  std::optional<int64_t> duration_ms;
  int64_t bytes = 0;
  TimeNs started;                        // of its first sample, in UTC
  std::optional<int64_t> agent_channel;  // 0 or 1
  std::string error;                     // why it failed
  TimeNs created;                        // given by the catalog where it is not set
  // Of one that the server fetches by itself.
  std::string url;
  int64_t attempts = 0;
  TimeNs next_attempt;
};

// The object with the peaks of a recording, by the key of its own.
std::string peaks_key(std::string_view recording_key);

enum class AnalysisState : uint8_t { kRunning, kDone, kFailed };

// What was heard in a recording. A recording that is complete and has none waits for it.
struct SavedAnalysis {
  RecordingId recording = 0;
  ProjectId project = 0;
  CallId call = 0;  // as when it was written: the recording's own counts
  AgentId agent = 0;
  AnalysisState state = AnalysisState::kRunning;
  int64_t attempts = 0;
  std::string error;
  TimeNs started;        // of the call: what figures over time are cut by
  std::string heard_ms;  // response latencies, comma-separated: what percentiles are made of
  std::string facts;     // audio::to_json
  int64_t nudge_ms = 0;  // by which somebody moved the clocks against each other
  bool is_nudged = false;
};

// An object that no recording holds, or none yet: to be removed.
struct LooseObject {
  std::string key;
  TimeNs since;
};

// A call found by a framework's own name of it. Such names are reused, so one holds for the call's
// time only.
struct NamedCall {
  CallId call = 0;
  TimeNs started;
  TimeNs ended;  // as in CallSummary
  TimeNs last_activity;
};

}  // namespace callscope::store
