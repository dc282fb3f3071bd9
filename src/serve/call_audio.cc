#include "serve/call_audio.h"

#include <algorithm>

#include "audio/analysis_json.h"
#include "listen/heard.h"
#include "serve/json_writer.h"

namespace callscope::serve {
namespace {

struct Found {
  store::Recording recording;
  std::optional<store::SavedAnalysis> analysis;
};

// The recording to show: one that was analysed, else the first.
Result<std::optional<Found>> find(const Services& services, const model::CallSummary& call) {
  std::optional<Found> found;
  for (store::Recording& recording :
       TRY(services.catalog.recordings_of_call(call.project, call.id))) {
    auto analysis = TRY(services.catalog.analysis(call.project, recording.id));
    const bool is_done = analysis && analysis->state == store::AnalysisState::kDone;
    if (found && !is_done) continue;
    found = Found{std::move(recording), std::move(analysis)};
    if (is_done) break;
  }
  return found;
}

std::string_view state_of(const Services& services, const Found& found) {
  if (found.recording.state == store::RecordingState::kFailed) return "failed";
  if (found.recording.state != store::RecordingState::kComplete) return "receiving";
  if (services.listener.progress(found.recording.id)) return "analysing";
  if (!found.analysis) return "queued";
  switch (found.analysis->state) {
    case store::AnalysisState::kDone:
      return "done";
    case store::AnalysisState::kFailed:
      return "failed";
    case store::AnalysisState::kRunning:
      break;
  }
  return "queued";
}

std::optional<uint32_t> slowest_heard(const std::vector<model::Turn>& turns) {
  const model::Turn* slowest = nullptr;
  for (const model::Turn& turn : turns) {
    if (turn.heard_ms && (!slowest || *turn.heard_ms > *slowest->heard_ms)) slowest = &turn;
  }
  return slowest ? std::optional(slowest->index) : std::nullopt;
}

void append_clock(JsonWriter& json, const audio::ClockAlignment& alignment,
                  const store::SavedAnalysis& analysis) {
  json.begin_object().member("state", alignment.known ? "known" : "unknown");
  if (alignment.known) {
    json.member("offset_ms", alignment.offset_s * 1e3)
        .member("drift_ppm", alignment.drift_ppm)
        .member("uncertainty_ms", alignment.uncertainty_s * 1e3)
        .member("method", to_string(alignment.method));
  }
  json.member("matches", alignment.matches);
  if (analysis.is_nudged) json.member("nudge_ms", analysis.nudge_ms);
  json.end_object();
}

}  // namespace

Result<CallAudio> add_audio(const Services& services, calls::WholeCall& whole) {
  model::Call& call = whole.call;
  CallAudio out;
  const auto found = TRY(find(services, call.summary));
  if (!found) return out;
  call.summary.sources |= model::kFromRecording;
  const std::string_view state = state_of(services, *found);
  out.audio.clear();
  JsonWriter json(out.audio);
  json.begin_object().member("state", state).member("recording_id", found->recording.id);
  if (const auto share = services.listener.progress(found->recording.id))
    json.member("progress", *share);
  if (!found->recording.error.empty()) {
    json.member("error", found->recording.error);
  } else if (found->analysis && !found->analysis->error.empty()) {
    json.member("error", found->analysis->error);
  }
  json.end_object();
  if (state != "done") return out;

  audio::Analysis analysis = TRY(audio::analysis_from_json(found->analysis->facts));
  const std::vector<calls::CallSpan>& spans = whole.spans.spans;
  listen::RecordingClock clock{.started = found->recording.started, .nudge_s = {}};
  if (found->analysis->is_nudged)
    clock.nudge_s = static_cast<double>(found->analysis->nudge_ms) / 1e3;
  const audio::ClockAlignment alignment = listen::align(call, spans, analysis, clock);
  listen::add_context(call, alignment, analysis);
  listen::add_heard(analysis, alignment, spans, call);
  out.heard = {.summary = model::summarise(listen::unpack_heard(found->analysis->heard_ms)),
               .slowest_turn = slowest_heard(call.turns)};
  // The members of the analysis behind those of ours.
  out.audio.back() = ',';
  out.audio += std::string_view(audio::to_json(analysis)).substr(1);
  out.clock.clear();
  JsonWriter clock_json(out.clock);
  append_clock(clock_json, alignment, *found->analysis);
  return out;
}

}  // namespace callscope::serve
