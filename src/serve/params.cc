#include "serve/params.h"

#include <fmt/format.h>

#include <charconv>

namespace callscope::serve {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Bounds that keep the arithmetic on nanoseconds away from overflow: a hundred years.
constexpr double kMillisecondsMax = 100.0 * 366 * 86'400 * 1'000;
constexpr int64_t kSecondsMax = int64_t{100} * 366 * 86'400;

}  // namespace

std::optional<std::string> Params::text(std::string_view name) {
  std::optional<std::string> found;
  size_t i = 0;
  for (const auto& [key, value] : query_) {
    if (key == name) {
      if (found) refuse(name, "is there twice");
      is_known_[i] = true;
      if (!found) found = value;
    }
    ++i;
  }
  // "?model=" is what a form sends for a field left empty.
  if (found && found->empty()) return std::nullopt;
  return found;
}

std::vector<std::string> Params::all(std::string_view name) {
  std::vector<std::string> values;
  size_t i = 0;
  for (const auto& [key, value] : query_) {
    if (key == name) {
      is_known_[i] = true;
      values.push_back(value);
    }
    ++i;
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> Params::keyed(std::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> pairs;
  size_t i = 0;
  for (const auto& [key, value] : query_) {
    if (key.size() > prefix.size() + 1 && key.starts_with(prefix) && key[prefix.size()] == '.') {
      is_known_[i] = true;
      pairs.emplace_back(key.substr(prefix.size() + 1), value);
    }
    ++i;
  }
  return pairs;
}

void Params::ignore(std::string_view name) { all(name); }

std::optional<int64_t> Params::id(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_number<int64_t>(*given);
  if (number && *number > 0) return number;
  refuse(name, "must be a whole number above 0");
  return std::nullopt;
}

std::optional<bool> Params::flag(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (*given == "true" || *given == "1") return true;
  if (*given == "false" || *given == "0") return false;
  refuse(name, "must be true or false");
  return std::nullopt;
}

std::optional<DurationNs> Params::milliseconds(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_number<double>(*given);
  if (number && *number >= 0 && *number <= kMillisecondsMax)
    return DurationNs{static_cast<int64_t>(*number * 1e6)};
  refuse(name, "must be a number of milliseconds");
  return std::nullopt;
}

std::optional<TimeNs> Params::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (auto parsed = parse_time(*given)) return parsed;
  refuse(name, "must be a time such as 2026-11-21T15:00:00Z, or Unix seconds, ms, us or ns");
  return std::nullopt;
}

store::TimeRange Params::time_range() {
  store::TimeRange range{time("from").value_or(TimeNs{}), time("to").value_or(TimeNs{})};
  if (range.from.is_set() && range.to.is_set() && range.to < range.from)
    refuse("to", "must not be before from");
  return range;
}

size_t Params::limit(LimitRange range) {
  int64_t limit = range.standard;
  if (const auto given = text("limit")) {
    const auto number = parse_number<int64_t>(*given);
    if (number && *number >= 1 && *number <= range.most) {
      limit = *number;
    } else {
      refuse("limit", fmt::format("must be a whole number from 1 to {}", range.most));
    }
  }
  return static_cast<size_t>(limit);
}

std::optional<DurationNs> Params::interval(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::string_view digits = *given;
  int64_t unit_s = 1;
  switch (digits.back()) {
    case 's':
      digits.remove_suffix(1);
      break;
    case 'm':
      unit_s = 60, digits.remove_suffix(1);
      break;
    case 'h':
      unit_s = 3'600, digits.remove_suffix(1);
      break;
    case 'd':
      unit_s = 86'400, digits.remove_suffix(1);
      break;
    default:
      break;
  }
  const auto number = parse_number<int64_t>(digits);
  if (number && *number >= 1 && *number <= kSecondsMax / unit_s)
    return DurationNs::from_s(*number * unit_s);
  refuse(name, "must be a length such as 30s, 15m, 1h or 7d");
  return std::nullopt;
}

void Params::refuse(std::string_view name, std::string_view why) {
  if (!error_)
    error_ = Error{ErrorCode::kInvalidArgument, fmt::format("{} {}", name, why), std::string(name)};
}

Result<void> Params::done() {
  size_t i = 0;
  for (const auto& [key, value] : query_) {
    if (!is_known_[i++]) refuse(key, "is not a parameter of this request");
  }
  if (error_) return *error_;
  return {};
}

}  // namespace callscope::serve
