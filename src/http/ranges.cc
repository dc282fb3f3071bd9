#include "http/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/body_source.h"
#include "http/split.h"

namespace callscope::http {
namespace {

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool lists_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::string_view one = trimmed(take_until(list, ','));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

}  // namespace

WantedRange parse_range(std::string_view header, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  const std::string_view spec = trimmed(header.substr(kUnit.size()));
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return {};
  const std::string_view first = trimmed(spec.substr(0, dash));
  const std::string_view last = trimmed(spec.substr(dash + 1));
  if (first.empty()) {  // "-500": the last 500 bytes
    const auto count = parse_number(last);
    if (!count) return {};
    if (*count == 0 || size == 0) return {RangeKind::kUnsatisfiable, {}};
    return {RangeKind::kPart, {size - std::min(*count, size), size}};
  }
  const auto begin = parse_number(first);
  const auto end = last.empty() ? std::optional(size) : parse_number(last);
  if (!begin || !end || (!last.empty() && *end < *begin)) return {};
  if (*begin >= size) return {RangeKind::kUnsatisfiable, {}};
  return {RangeKind::kPart, {*begin, last.empty() ? size : std::min(*end, size - 1) + 1}};
}

Response apply_range(const Request& request, Response response) {
  if (response.status != 200 || !response.source) return response;
  response.headers.set("Accept-Ranges", "bytes");
  const std::string_view tag = response.headers.get("ETag");
  if (const auto known = request.headers.find("If-None-Match"); known && lists_tag(*known, tag)) {
    response.status = 304;
    response.source.reset();
    return response;
  }
  const auto header = request.headers.find("Range");
  if (!header) return response;
  // If-Range with a date, or with a weak or other tag, asks for the whole.
  const auto condition = request.headers.find("If-Range");
  if (condition && (tag.empty() || trimmed(*condition) != tag)) return response;

  const uint64_t size = response.source->size();
  const WantedRange wanted = parse_range(*header, size);
  switch (wanted.kind) {
    case RangeKind::kWhole:
      break;
    case RangeKind::kPart:
      response.status = 206;
      response.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", wanted.range.begin,
                                                        wanted.range.end - 1, size));
      response.source_begin = wanted.range.begin;
      response.source_end = wanted.range.end;
      break;
    case RangeKind::kUnsatisfiable:
      response =
          error_response(416, "invalid_argument",
                         fmt::format("the range lies behind the end at byte {}", size), "Range");
      response.headers.set("Content-Range", fmt::format("bytes */{}", size));
      break;
  }
  return response;
}

}  // namespace callscope::http
