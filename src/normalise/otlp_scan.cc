#include "normalise/otlp_scan.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "base/wire.h"
#include "normalise/otlp_fields.h"

namespace callscope::normalise {
namespace {

using wire::Field;
using wire::Reader;
using wire::Type;

bool check_value(std::string_view bytes, int depth);

bool check_key_value(std::string_view bytes, int depth) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == otlp::key_value::kValue && field.type == Type::kBytes &&
        !check_value(field.bytes, depth)) {
      return false;
    }
  }
  return reader.ok();
}

bool check_value(std::string_view bytes, int depth) {
  if (depth > otlp::kDepthMax) return false;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    const bool is_array = field.number == otlp::any_value::kArray;
    if (!is_array && field.number != otlp::any_value::kMap) continue;
    Reader list(field.bytes);
    for (Field item; list.next(item);) {
      if (item.number != otlp::any_value::kListValues || item.type != Type::kBytes) continue;
      const bool ok =
          is_array ? check_value(item.bytes, depth + 1) : check_key_value(item.bytes, depth + 1);
      if (!ok) return false;
    }
    if (!list.ok()) return false;
  }
  return reader.ok();
}

// A message of which only the attributes nest: events, links, resources, scopes.
bool check_attributed(std::string_view bytes, uint32_t attributes_field) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == attributes_field && field.type == Type::kBytes &&
        !check_key_value(field.bytes, 1)) {
      return false;
    }
  }
  return reader.ok();
}

template <typename Id>
const char* id_fault(std::string_view raw) {
  const auto id = Id::from_bytes(raw);
  if (!id) return raw.empty() ? "missing" : "of the wrong length";
  return id->is_zero() ? "all zero" : nullptr;
}

void reject(ScanReport& report, std::string_view id_name, const char* fault) {
  if (report.rejected++ > 0) return;
  report.first_reason = fmt::format("span {} of the request was rejected: its {} is {}",
                                    report.items, id_name, fault);
}

bool check_span(std::string_view bytes, ScanReport& report) {
  std::string_view trace_id;
  std::string_view span_id;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    bool ok = true;
    switch (field.number) {
      case otlp::span::kTraceId:
        trace_id = field.bytes;
        break;
      case otlp::span::kSpanId:
        span_id = field.bytes;
        break;
      case otlp::span::kAttributes:
        ok = check_key_value(field.bytes, 1);
        break;
      case otlp::span::kEvents:
        ok = check_attributed(field.bytes, otlp::event::kAttributes);
        break;
      case otlp::span::kLinks:
        ok = check_attributed(field.bytes, otlp::link::kAttributes);
        break;
      case otlp::span::kStatus:
        ok = check_attributed(field.bytes, 0);
        break;
      default:
        break;
    }
    if (!ok) return false;
  }
  if (!reader.ok()) return false;
  if (const char* fault = id_fault<TraceId>(trace_id)) {
    reject(report, "trace_id", fault);
  } else if (const char* span_fault = id_fault<SpanId>(span_id)) {
    reject(report, "span_id", span_fault);
  }
  ++report.items;
  return true;
}

bool check_log(std::string_view bytes, ScanReport& report) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    if (field.number == otlp::log::kBody && !check_value(field.bytes, 1)) return false;
    if (field.number == otlp::log::kAttributes && !check_key_value(field.bytes, 1)) return false;
  }
  ++report.items;
  return reader.ok();
}

bool check_scope_items(Signal signal, std::string_view bytes, ScanReport& report) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    bool ok = true;
    if (field.number == otlp::kScope) {
      ok = check_attributed(field.bytes, otlp::scope::kAttributes);
    } else if (field.number == otlp::kItems) {
      ok = signal == Signal::kTraces ? check_span(field.bytes, report)
                                     : check_log(field.bytes, report);
    }
    if (!ok) return false;
  }
  return reader.ok();
}

bool check_resource_items(Signal signal, std::string_view bytes, ScanReport& report) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    bool ok = true;
    if (field.number == otlp::kResource) {
      ok = check_attributed(field.bytes, otlp::resource::kAttributes);
    } else if (field.number == otlp::kScopeItems || field.number == otlp::kLibraryItems) {
      ok = check_scope_items(signal, field.bytes, report);
    }
    if (!ok) return false;
  }
  return reader.ok();
}

}  // namespace

Result<ScanReport> scan_request(Signal signal, std::string_view request) {
  ScanReport report;
  Reader reader(request);
  bool ok = true;
  for (Field field; ok && reader.next(field);) {
    if (field.number == otlp::kResourceItems && field.type == Type::kBytes) {
      ok = check_resource_items(signal, field.bytes, report);
    }
  }
  if (ok && reader.ok()) return report;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("the body is not an OTLP Export{}ServiceRequest: malformed protobuf in or "
                  "after item {}",
                  signal == Signal::kTraces ? "Trace" : "Logs", report.items),
      "body"};
}

}  // namespace callscope::normalise
