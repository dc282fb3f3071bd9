#include "normalise/report.h"

#include <fmt/format.h>

#include "normalise/reports/json_check.h"
#include "normalise/reports/readers.h"

namespace callscope::normalise {
namespace {

namespace json = boost::json;
using model::ReportKind;
using reports::Reading;

Result<void> read(ReportKind kind, Reading& reading) {
  switch (kind) {
    case ReportKind::kObserve:
      return reports::read_observe(reading);
    case ReportKind::kPipecatSession:
    case ReportKind::kPipecatSimulation:
      return reports::read_pipecat(reading);
    case ReportKind::kLivekitSession:
    case ReportKind::kLivekitSimulation:
      return reports::read_livekit_session(reading);
    case ReportKind::kLivekitUpload:
      return reports::read_livekit_upload(reading);
    case ReportKind::kVapi:
      return reports::read_vapi(reading);
    case ReportKind::kRetell:
      return reports::read_retell(reading);
    case ReportKind::kElevenLabs:
      return reports::read_elevenlabs(reading);
    case ReportKind::kApi:
      return reports::read_own_api(reading);
  }
  return Error{ErrorCode::kInternal, "a kind of report that nobody reads"};
}

}  // namespace

Result<model::Report> read_report(ReportKind kind, std::string_view body,
                                  const ReportLimits& limits) {
  std::string mended;
  const std::string_view text = TRY(reports::check_json(body, limits.depth_max, mended));
  json::monotonic_resource memory;
  json::stream_parser parser(
      json::storage_ptr(&memory),
      {.max_depth = limits.depth_max + 1, .allow_comments = false, .allow_trailing_commas = false});
  boost::system::error_code failed;
  const size_t read_bytes = parser.write_some(text.data(), text.size(), failed);
  if (!failed && read_bytes < text.size() && !reports::trimmed(text.substr(read_bytes)).empty())
    failed = json::error::extra_data;
  if (!failed) parser.finish(failed);
  if (failed) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("JSON parse error - {} (char {}).", failed.message(), read_bytes)};
  }
  const json::value root = parser.release();
  const json::object* object = root.if_object();
  if (object == nullptr) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("Invalid data. Expected a dictionary, but got {}.", reports::type_name(root))};
  }
  Reading reading{
      .body = *object, .limits = limits, .report = {}, .notes = reports::Notes(limits.notes_max)};
  reading.report.kind = kind;
  TRY(read(kind, reading));
  reading.report.notes = reading.notes.take();
  return std::move(reading.report);
}

}  // namespace callscope::normalise
