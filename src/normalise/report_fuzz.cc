// A report from the outside: the first line names its kind, the rest is the body. Whatever it
// holds, there is a report within the limits or an error, and what was read of it makes sense.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/encoding.h"
#include "normalise/report.h"

using namespace callscope;
using namespace callscope::normalise;

namespace {

constexpr ReportLimits kLimits = {
    .entries_max = 50, .depth_max = 20, .logs_max = 10, .notes_max = 10};

void check(const model::Report& report) {
  if (report.call_id.empty() || report.idempotency_key.empty()) std::abort();
  if (report.transcript.size() > kLimits.entries_max) std::abort();
  if (report.logs.size() > kLimits.logs_max) std::abort();
  if (report.notes.size() > kLimits.notes_max + 1) std::abort();
  if (!report.transcript.empty() && report.dialect.empty()) std::abort();
  for (const model::Utterance& entry : report.transcript) {
    if ((entry.role == model::Role::kTool) != entry.tool.has_value()) std::abort();
    if (!entry.tool && entry.text.empty() && entry.generated_text.empty()) std::abort();
    if (entry.start && entry.end && *entry.end < *entry.start) std::abort();
    if (entry.start && *entry.start > kLimits.call_max) std::abort();
    if (entry.confidence && !(*entry.confidence >= 0 && *entry.confidence <= 1)) std::abort();
    if (!is_utf8(entry.text)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view name = input.substr(0, line);
  const std::string_view body = input.substr(line + 1);
  if (name == "livekit_header") {
    const auto header = livekit_header_to_json(body);
    if (header && !is_utf8(*header)) std::abort();
    return 0;
  }
  for (int i = 0; i < model::kReportKindCount; ++i) {
    const auto kind = static_cast<model::ReportKind>(i);
    if (to_string(kind) != name) continue;
    const auto report = read_report(kind, body, kLimits);
    if (report) {
      check(*report);
      // What came is still a report of the same call after it has come again.
      const auto again = read_report(kind, update_body(kind, body, body, kLimits), kLimits);
      if (!again || again->call_id != report->call_id) std::abort();
    }
    (void)elevenlabs_audio(body, kLimits).has_value();
    if (!report && report.error().message.empty()) std::abort();
  }
  return 0;
}
