// What a report becomes when its sender says more of the same call.
#include <utility>

#include "normalise/report.h"
#include "normalise/reports/json_check.h"
#include "normalise/reports/values.h"

namespace callscope::normalise {
namespace {

using model::ReportKind;
using namespace reports;

std::optional<json::object> parse_object(std::string_view body, const ReportLimits& limits) {
  std::string mended;
  const auto text = check_json(body, limits.depth_max, mended);
  if (!text) return std::nullopt;
  json::parse_options options;
  options.max_depth = limits.depth_max;
  options.allow_invalid_utf8 = true;
  json::error_code failed;
  json::value value = json::parse({text->data(), text->size()}, failed, {}, options);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

void overlay(json::object& under, json::object& over) {
  for (auto& member : over) under[member.key()] = std::move(member.value());
}

// An object, also within a string, as forms have it.
std::optional<json::object> object_at(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  if (const json::object* object = object_of(value)) return *object;
  if (value == nullptr || !value->is_string()) return std::nullopt;
  auto parsed = texts::parse_json(string_of(value));
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

// Merges the member's keys into `over`, which then takes the place of both.
void merge_keys(const json::object& under, json::object& over, std::string_view name) {
  auto merged = object_at(under, name);
  auto newer = object_at(over, name);
  if (!merged || !newer) return;
  overlay(*merged, *newer);
  over[name] = *std::move(merged);
}

// A transcript that comes without its type is not of the type that the one before it had.
void forget_type(json::object& under, const json::object& over, std::string_view transcript) {
  if (over.contains(transcript) && !over.contains("transcript_type"))
    under.erase("transcript_type");
}

// How far the call had come when Retell sent the event.
int progress_of(const json::object& body) {
  const std::string event = text_of(body, "event");
  if (event == "call_started") return 0;
  if (event == "call_analyzed") return 3;
  return event == "call_ended" ? 2 : 1;
}

void update_retell(json::object& saved, json::object& newer) {
  if (progress_of(newer) < progress_of(saved)) std::swap(saved, newer);
  const json::object* before = object_in(saved, "call");
  const json::object* after = object_in(newer, "call");
  if (before != nullptr && after != nullptr) {
    json::object call = *before;
    json::object later = *after;
    overlay(call, later);
    newer["call"] = std::move(call);
  }
  overlay(saved, newer);
}

}  // namespace

std::string update_body(ReportKind kind, std::string_view saved, std::string_view newer,
                        const ReportLimits& limits) {
  auto under = parse_object(saved, limits);
  auto over = parse_object(newer, limits);
  if (!over) return std::string(under ? saved : newer);
  if (!under) return std::string(newer);
  switch (kind) {
    case ReportKind::kRetell:
      update_retell(*under, *over);
      return json::serialize(*under);
    case ReportKind::kObserve:
      forget_type(*under, *over, "transcript_json");
      break;
    case ReportKind::kApi:
      forget_type(*under, *over, "transcript");
      break;
    default:
      break;
  }
  if (kind == ReportKind::kObserve || kind == ReportKind::kApi) {
    merge_keys(*under, *over, "metadata");
    merge_keys(*under, *over, "dynamic_variables");
  }
  overlay(*under, *over);
  return json::serialize(*under);
}

}  // namespace callscope::normalise
