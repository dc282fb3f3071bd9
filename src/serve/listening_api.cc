// What was heard in a recording: its peaks, another analysis, and the clocks moved by hand.
#include <boost/json.hpp>

#include "audio/peaks.h"
#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/lookup.h"
#include "serve/routes.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {
namespace {

// One level of the outline of the waveform (docs/formats/peaks.md).
Result<http::Response> get_peaks(const Services& services, Question& question) {
  const auto level = question.params.text("level").value_or("0");
  if (level.size() != 1 || level[0] < '0' || level[0] > '9')
    question.params.refuse("level", "must be a whole number from 0 to 5");
  TRY(question.params.done());
  const store::Recording recording = TRY(find_recording(services, question));
  const auto object = services.objects.get(store::peaks_key(recording.key));
  if (!object) {
    return Error{ErrorCode::kNotFound, "the recording has not been analysed yet", ""};
  }
  std::string file((*object)->size(), '\0');
  TRY((*object)->read(0, file));
  http::Response response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("Cache-Control", "private, no-cache");
  response.body = TRY(audio::peak_level(file, level[0] - '0'));
  return response;
}

Result<http::Response> analyse_again(const Services& services, Question& question) {
  TRY(question.params.done());
  TRY(services.listener.listen_again(TRY(find_recording(services, question))));
  return answer(202, R"({"state":"queued"})");
}

// {"nudge_ms": number | null}: added to the offset that was found; null takes it back.
Result<http::Response> set_clock(const Services& services, Question& question) {
  TRY(question.params.done());
  const CallId id = TRY(path_id(question.request, "id"));
  const auto call = TRY(shown_call(services, question.project, id));
  if (!call) return not_found(fmt::format("call {}", id));
  boost::system::error_code error;
  const auto body = boost::json::parse(question.request.body, error);
  const auto* nudge =
      !error && body.is_object() ? body.get_object().if_contains("nudge_ms") : nullptr;
  constexpr double kMostMs = 86'400'000;
  const bool is_number = nudge && nudge->is_number();
  if (!nudge || (!nudge->is_null() && !is_number) ||
      (is_number && std::abs(nudge->to_number<double>()) > kMostMs)) {
    return Error{ErrorCode::kInvalidArgument,
                 "must be a number of milliseconds within a day, or null", "nudge_ms"};
  }
  bool is_heard = false;
  for (const store::Recording& recording :
       TRY(services.catalog.recordings_of_call(question.project, call->id))) {
    auto analysis = TRY(services.catalog.analysis(question.project, recording.id));
    if (!analysis || analysis->state != store::AnalysisState::kDone) continue;
    is_heard = true;
    analysis->is_nudged = is_number;
    analysis->nudge_ms = is_number ? std::llround(nudge->to_number<double>()) : 0;
    TRY(services.catalog.write(
        [&](store::Transaction& transaction) { return transaction.put_analysis(*analysis); }));
  }
  if (!is_heard)
    return Error{ErrorCode::kConflict, "the call has no recording that was analysed", "id"};
  return http::Response::empty(204);
}

}  // namespace

void add_listening_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/calls/{id}/recordings/{recording_id}/peaks",
               Needs::kRead, get_peaks);
  add_endpoint(router, services, "POST", "/api/v1/calls/{id}/recordings/{recording_id}/analyse",
               Needs::kWrite, analyse_again);
  add_endpoint(router, services, "PATCH", "/api/v1/calls/{id}/clock", Needs::kWrite, set_clock);
}

}  // namespace callscope::serve
