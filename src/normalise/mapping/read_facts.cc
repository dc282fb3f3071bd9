#include "normalise/mapping/read_facts.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace callscope::normalise::mapping {
namespace {

using model::Measure;
using model::SpanFacts;
using model::Value;
using model::ValueType;

// `value` times `factor`, rounded. Negative numbers mean "none" wherever frameworks write them.
Measure scaled(double value, double factor) {
  const double out = value * factor;
  // Far beyond any real measure, and well inside what an int64_t holds.
  constexpr double kMax = 4e18;
  if (!(out >= 0) || out > kMax) return {};
  return std::llround(out);
}

// Node's LiveKit up to 1.7 measures some delays in ms where everyone else uses seconds, and nothing
// in the span says so. No delay here reaches 20 s, and Node's milliseconds are whole numbers, while
// its seconds are not.
bool is_milliseconds(const Value& value, double number, const model::Span& span) {
  if (number >= 20) return true;
  if (value.type != ValueType::kInt || number < 1 || span.resource == nullptr) return false;
  const Value* language = model::find(span.resource->attributes, "telemetry.sdk.language");
  return language != nullptr && (language->text == "nodejs" || language->text == "webjs");
}

int64_t characters_of(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

Measure measure_of(const Source& source, const SpanView& view);

Measure combined(const Source& source, const SpanView& view) {
  Measure out;
  for (const Source& part : source.parts) {
    const Measure value = measure_of(part, view);
    if (!value) continue;
    if (!out) {
      out = value;
    } else {
      out = source.read == Read::kSum ? *out + *value : std::max(*out, *value);
    }
  }
  return out;
}

Measure measure_of(const Source& source, const SpanView& view) {
  if (source.read == Read::kSum || source.read == Read::kMax) return combined(source, view);
  if (source.key == kNoKey) return {};
  const Value* value = view.find(source.key);
  if (value == nullptr) return {};
  if (source.read == Read::kLength) {
    if (value->type != ValueType::kString) return {};
    return characters_of(value->text);
  }
  if (source.read == Read::kSinceStart) {
    if (value->type != ValueType::kString || !view.span().start.is_set()) return {};
    const auto time = parse_time(trimmed(value->text));
    if (!time || *time < view.span().start) return {};
    return (*time - view.span().start).microseconds();
  }
  if (source.read == Read::kCopy && value->type == ValueType::kInt) {
    if (value->integer < 0 || (value->integer == 0 && source.zero_is_none)) return {};
    return value->integer;
  }
  const auto number = number_of(*value);
  if (!number || (*number == 0 && source.zero_is_none)) return {};
  switch (source.read) {
    case Read::kCopy:
      return scaled(*number, 1);
    case Read::kSeconds:
      return scaled(*number, 1e6);
    case Read::kMillis:
      return scaled(*number, 1e3);
    case Read::kMinutes:
      return scaled(*number, 60e6);
    case Read::kBeforeEnd: {
      const TimeNs end = view.span().end;
      if (!end.is_set()) return {};
      return scaled(static_cast<double>(end.ns) / 1e9 - *number, 1e6);
    }
    case Read::kUsd:
      return scaled(*number, 1e9);
    case Read::kSecOrMs:
      return scaled(*number, is_milliseconds(*value, *number, view.span()) ? 1e3 : 1e6);
    default:
      return {};
  }
}

bool flag_of(const Source& source, const SpanView& view) {
  const Value* value = source.key == kNoKey ? nullptr : view.find(source.key);
  if (value == nullptr) return false;
  if (source.read == Read::kHas) return has_content(*value);
  if (source.read == Read::kIs) {
    // In a list of words, as finish reasons are, any word may be the one.
    for (const std::string& wanted : source.values) {
      if (equals_ignoring_case(value->text, wanted)) return true;
      if (value->type == ValueType::kArray &&
          value->text.find('"' + wanted + '"') != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }
  if (source.read == Read::kMentions) {
    return std::any_of(source.values.begin(), source.values.end(), [&](const std::string& word) {
      return value->text.find(word) != std::string_view::npos;
    });
  }
  return is_true(*value);
}

// A name that a value or the span's own name gives; empty for none. Numbers are spelled in
// `buffer`.
std::string_view name_of(const Source& source, const SpanView& view, char (&buffer)[32]) {
  const std::string_view span_name = view.span().name;
  if (source.read == Read::kNameAfter) {
    return span_name.starts_with(source.word) ? span_name.substr(source.word.size())
                                              : std::string_view();
  }
  if (source.read == Read::kNameBefore) {
    if (!span_name.ends_with(source.word)) return {};
    return span_name.substr(0, span_name.size() - source.word.size());
  }
  const Value* value = source.key == kNoKey ? nullptr : view.find(source.key);
  if (value == nullptr) return {};
  if (value->type == ValueType::kString) return value->text;
  if (value->type == ValueType::kInt) {
    const auto written = std::to_chars(buffer, buffer + sizeof buffer, value->integer);
    return {buffer, static_cast<size_t>(written.ptr - buffer)};
  }
  return {};
}

// Names are columns of tables: a text that was put there by mistake must not become one.
constexpr size_t kNameBytesMax = 512;

bool is_absent(const Mapping& mapping, std::string_view name) {
  if (name.empty()) return true;
  for (const std::string& word : mapping.absent) {
    if (equals_ignoring_case(name, word)) return true;
  }
  return false;
}

// Each returns whether the field has its value, so that its other sources need not be asked.

bool read_name(const Mapping& mapping, const NameTarget& target, const Source& source,
               const SpanView& view, SpanFacts& facts) {
  char buffer[32];
  const std::string_view name = name_of(source, view, buffer).substr(0, kNameBytesMax);
  if (is_absent(mapping, name)) return false;
  if (target.is_provider) {
    mapping.providers.normalise(name, facts.*target.member);
  } else {
    facts.*target.member = name;
  }
  return true;
}

bool read_field(const Mapping& mapping, const FactField& field, const Source& source,
                const SpanView& view, SpanFacts& facts) {
  if (const auto* measure = std::get_if<MeasureTarget>(&field.target)) {
    const Measure value = measure_of(source, view);
    if (!value) return false;
    facts.*measure->member = value;
    return true;
  }
  if (const auto* flag = std::get_if<FlagTarget>(&field.target)) {
    if (!flag_of(source, view)) return false;
    facts.*flag->member = true;
    return true;
  }
  return read_name(mapping, std::get<NameTarget>(field.target), source, view, facts);
}

}  // namespace

void read_facts(const Mapping& mapping, const Rule& rule, SpanView& view, SpanFacts& facts) {
  for (const KeyId base : rule.expand) view.expand(base);
  const model::Span& span = view.span();
  facts.kind = rule.kind;
  facts.rule = rule.id;
  facts.billable = rule.billable;
  facts.provisional = rule.provisional;
  facts.is_error = span.status == model::StatusCode::kError;
  const int64_t length_us = span.duration().microseconds();
  facts.duration_valid = rule.duration_valid && span.start.is_set() && span.end.is_set() &&
                         span.end >= span.start && length_us >= rule.duration_invalid_below_us;

  size_t done = SIZE_MAX;  // the field whose value was found last
  for (const FactStep& step : rule.steps) {
    if (!view.has(step.key) || step.field == done) continue;
    if (read_field(mapping, rule.facts[step.field], *step.source, view, facts)) done = step.field;
  }
  if (facts.cost_nano_usd) facts.cost_source = model::CostSource::kReported;
}

void settle_tokens(const Framework* framework, SpanFacts& facts) {
  if (!facts.input_tokens) return;
  // No request is made of nothing: whoever writes zeros was not told.
  if (*facts.input_tokens == 0 && facts.output_tokens.value_or(0) == 0 &&
      facts.cache_read_tokens.value_or(0) == 0 && facts.cache_write_tokens.value_or(0) == 0) {
    for (Measure model::SpanFacts::*tokens :
         {&SpanFacts::input_tokens, &SpanFacts::output_tokens, &SpanFacts::cache_read_tokens,
          &SpanFacts::cache_write_tokens, &SpanFacts::reasoning_tokens}) {
      (facts.*tokens).reset();
    }
    return;
  }
  const int64_t cached = facts.cache_read_tokens.value_or(0) + facts.cache_write_tokens.value_or(0);
  // More cached than there are in all: then "all" is only the rest.
  facts.input_net_of_cache = cached > *facts.input_tokens;
  if (framework == nullptr || facts.input_net_of_cache) return;
  for (const std::string& provider : framework->net_of_cache) {
    if (facts.provider == provider) facts.input_net_of_cache = true;
  }
}

}  // namespace callscope::normalise::mapping
