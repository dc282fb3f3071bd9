#include "store/catalog/rows.h"

#include <bit>
#include <cstring>

#include "store/catalog/columns.h"

namespace callscope::store {
namespace {

constexpr int64_t kReportMark = 0x63735F7265706F72;  // "cs_repor"

int64_t from_big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return static_cast<int64_t>(value);
}

void to_big_endian(int64_t number, uint8_t* bytes) {
  auto value = static_cast<uint64_t>(number);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  std::memcpy(bytes, &value, sizeof value);
}

}  // namespace

std::string_view to_string(Access access) {
  return access == Access::kReadOnly ? "read-only" : "read-write";
}

std::optional<Access> parse_access(std::string_view text) {
  for (const Access access : {Access::kReadOnly, Access::kReadWrite}) {
    if (text == to_string(access)) return access;
  }
  return std::nullopt;
}

std::string_view to_string(Dataset dataset) {
  return dataset == Dataset::kSpans ? "spans" : "logs";
}

std::string peaks_key(std::string_view recording_key) {
  return std::string(recording_key) + ".peaks";
}

TraceId trace_of_report(ReportId report) { return to_trace_id({kReportMark, report}); }

std::optional<ReportId> report_of_trace(const TraceId& trace) {
  const TraceColumns columns = to_columns(trace);
  if (columns.high != kReportMark) return std::nullopt;
  return columns.low;
}

TraceColumns to_columns(TraceId id) {
  return {from_big_endian(id.bytes.data()), from_big_endian(id.bytes.data() + 8)};
}

TraceId to_trace_id(TraceColumns trace) {
  TraceId id;
  to_big_endian(trace.high, id.bytes.data());
  to_big_endian(trace.low, id.bytes.data() + 8);
  return id;
}

int64_t to_column(SpanId id) { return from_big_endian(id.bytes.data()); }

SpanId to_span_id(int64_t column) {
  SpanId id;
  to_big_endian(column, id.bytes.data());
  return id;
}

std::string_view to_string(RecordingSource source) {
  static constexpr std::array<std::string_view, 5> kNames = {"sdk", "observe", "livekit", "api",
                                                             "url"};
  return kNames[static_cast<size_t>(source)];
}

std::string_view to_string(RecordingState state) {
  static constexpr std::array<std::string_view, 3> kNames = {"receiving", "complete", "failed"};
  return kNames[static_cast<size_t>(state)];
}

}  // namespace callscope::store
