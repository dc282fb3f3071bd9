#include "model/call.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/encoding.h"

namespace callscope::model {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 7> kSourceNames = {
    "otlp", "otlp_logs", "observe", "session", "recording", "webhook", "api"};

// In the order of the bits of CallFlag.
constexpr std::array<FlagText, kCallFlagCount> kFlagTexts = {{
    {"delay_over_60s", "A latency of more than a minute was reported or computed."},
    {"stt_span_too_short", "A transcription span is under 1 ms long; its length says nothing."},
    {"end_before_start", "A span ends before it starts."},
    {"latency_skips_stage", "A turn's latency is shorter than one of its stages."},
    {"clock_far_off", "A span lies more than a day from when it was received."},
    {"orphan_spans", "The parent of some spans never came."},
    {"parent_cycle", "Some spans are their own ancestors."},
    {"several_roots", "A trace of this call has several roots."},
    {"turn_gap", "The turn numbers that were reported skip or repeat."},
    {"rehomed_spans", "Some spans hung under another call and were put back by their id."},
    {"double_instrumented", "Requests were reported by two instrumentations and counted once."},
    {"split_trace", "The trace of this call holds other calls too."},
    {"span_id_reused", "One span id was sent with different spans; the last one is kept."},
    {"attributes_cut", "Attributes were cut or dropped at a limit."},
    {"unpriced_use", "Some model use has no known price; the cost is a lower bound."},
    {"estimated_cost", "Part of the cost rests on an estimate."},
    {"too_many_spans",
     "The call has more spans than are taken into account; numbers cover a part."},
    {"missing_times", "Some spans have no start or no end."},
    {"report_notes", "A part of a report could not be read; its notes say which."},
    {"field_conflict", "Two sources say different things; the more direct one is shown."},
}};

constexpr std::array<std::string_view, 3> kStateNames = {"running", "quiet", "ended"};
constexpr std::array<std::string_view, 5> kTurnSourceNames = {"span", "paired", "inferred",
                                                              "transcript", "recording"};

// ---- writing ----

// Writes the members of one flat object; a member that holds nothing is left out by its writer.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) { out_ += '{'; }
  ~Packer() { out_ += '}'; }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  void member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    member(name);
    append_json_string(out_, value);
  }

  void number(std::string_view name, int64_t value) {
    if (value == 0) return;
    member(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }

  template <typename Items, typename Write>
  void list(std::string_view name, const Items& items, Write write) {
    if (items.empty()) return;
    member(name);
    char separator = '[';
    for (const auto& item : items) {
      out_ += separator;
      write(out_, item);
      separator = ',';
    }
    out_ += ']';
  }

  // null stands for an absent one; absent ones at the end are left out.
  void measures(std::string_view name, std::span<const Measure> values) {
    while (!values.empty() && !values.back()) values = values.first(values.size() - 1);
    list(name, values, [](std::string& out, Measure value) {
      if (value)
        fmt::format_to(std::back_inserter(out), "{}", *value);
      else
        out += "null";
    });
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void write_text(std::string& out, const std::string& value) { append_json_string(out, value); }

void write_texts(std::string& out, std::initializer_list<std::string_view> values) {
  char separator = '[';
  for (const std::string_view value : values) {
    out += separator;
    append_json_string(out, value);
    separator = ',';
  }
  out += ']';
}

std::array<Measure, 10> totals_in_order(const Totals& t) {
  return {t.input_tokens,     t.output_tokens,      t.cache_read_tokens,   t.cache_write_tokens,
          t.reasoning_tokens, t.audio_input_tokens, t.audio_output_tokens, t.characters,
          t.stt_audio_us,     t.tts_audio_us};
}

// ---- reading: what has the wrong type counts as absent ----

const json::array& list_of(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const json::value* value = object.if_contains(name);
  return value && value->is_array() ? value->get_array() : kNone;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::string text_at(const json::array& list, size_t i) {
  return i < list.size() ? text_of(list[i]) : std::string();
}

Measure measure_at(const json::array& list, size_t i) {
  return i < list.size() && list[i].is_int64() ? Measure(list[i].get_int64()) : Measure();
}

std::vector<std::string> texts_of(const json::array& list) {
  std::vector<std::string> texts;
  for (const auto& value : list) texts.push_back(text_of(value));
  return texts;
}

std::vector<Measure> measures_of(const json::array& list) {
  std::vector<Measure> measures;
  for (size_t i = 0; i < list.size(); ++i) measures.push_back(measure_at(list, i));
  return measures;
}

LatencySummary latency_of(const json::array& list) {
  const auto at = [&](size_t i) { return static_cast<uint32_t>(measure_at(list, i).value_or(0)); };
  return {.n = at(0), .p50_ms = at(1), .p95_ms = at(2), .max_ms = at(3)};
}

// More turns than turn_*_ms holds: the summary of all of them has to be kept itself.
bool needs_latency_summary(const CallSummary& summary) {
  return summary.turn_count > kTurnLatenciesMax;
}

}  // namespace

std::vector<std::string_view> source_names(uint32_t sources) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < kSourceNames.size(); ++i) {
    if (sources >> i & 1) names.push_back(kSourceNames[i]);
  }
  return names;
}

FlagText flag_text(CallFlag flag) {
  return kFlagTexts[static_cast<size_t>(std::countr_zero(bit(flag)))];
}

std::string_view to_string(CallState state) { return kStateNames[static_cast<size_t>(state)]; }
std::string_view to_string(TurnSource source) {
  return kTurnSourceNames[static_cast<size_t>(source)];
}

CallState call_state(bool root_ended, TimeNs last_activity, TimeNs now) {
  if (root_ended || now - last_activity >= kEndedAfter) return CallState::kEnded;
  return now - last_activity >= kQuietAfter ? CallState::kQuiet : CallState::kRunning;
}

LatencySummary summarise(const std::vector<Measure>& latencies_ms) {
  std::vector<uint32_t> known;
  known.reserve(latencies_ms.size());
  for (const Measure latency : latencies_ms) {
    if (latency)
      known.push_back(static_cast<uint32_t>(std::clamp<int64_t>(*latency, 0, UINT32_MAX)));
  }
  if (known.empty()) return {};
  std::sort(known.begin(), known.end());
  const auto rank = [&](size_t percent) { return known[(known.size() * percent + 99) / 100 - 1]; };
  return {.n = static_cast<uint32_t>(known.size()),
          .p50_ms = rank(50),
          .p95_ms = rank(95),
          .max_ms = known.back()};
}

void add_use(std::vector<ToolTally>& tallies, std::string_view name, bool failed) {
  auto at =
      std::lower_bound(tallies.begin(), tallies.end(), name,
                       [](const ToolTally& tool, std::string_view n) { return tool.name < n; });
  if (at == tallies.end() || at->name != name) {
    if (name.empty() || tallies.size() == kTalliesMax) return;
    at = tallies.insert(at, {.name = std::string(name)});
  }
  ++at->uses;
  if (failed) ++at->errors;
}

std::string pack_rest(const CallSummary& summary) {
  std::string out;
  out.reserve(256);
  {
    Packer pack(out);
    pack.text("e", summary.end_reason);
    pack.list("f", summary.frameworks, [](std::string& to, const FrameworkVersion& framework) {
      write_texts(to, {framework.name, framework.version});
    });
    pack.list("m", summary.models, [](std::string& to, const ModelName& name) {
      write_texts(to, {to_string(name.kind), name.provider, name.model});
    });
    pack.list("t", summary.tool_names, write_text);
    pack.list("u", summary.told_tools, [](std::string& to, const ToolTally& tool) {
      to += '[';
      append_json_string(to, tool.name);
      fmt::format_to(std::back_inserter(to), ",{},{}]", tool.uses, tool.errors);
    });
    pack.list("k", summary.session_keys, write_text);
    pack.list("d", summary.metadata, [](std::string& to, const auto& entry) {
      write_texts(to, {entry.first, entry.second});
    });
    pack.measures("n", totals_in_order(summary.totals));
    pack.number("s", static_cast<int64_t>(summary.cost_source));
    pack.measures("r", summary.turn_reported_ms);
    pack.measures("c", summary.turn_computed_ms);
    if (needs_latency_summary(summary)) {
      for (const auto& [name, latency] :
           {std::pair("lr", summary.reported), std::pair("lc", summary.computed)}) {
        const std::array<Measure, 4> parts = {latency.n, latency.p50_ms, latency.p95_ms,
                                              latency.max_ms};
        pack.measures(name, parts);
      }
    }
  }
  return out;
}

Result<void> unpack_rest(std::string_view rest, CallSummary& summary) {
  boost::system::error_code error;
  const json::value parsed = json::parse(rest, error);
  if (error || !parsed.is_object()) {
    return Error{ErrorCode::kDataLoss, "a call's packed columns are not a JSON object"};
  }
  const json::object& object = parsed.get_object();
  if (const auto* reason = object.if_contains("e")) summary.end_reason = text_of(*reason);

  summary.frameworks.clear();
  for (const auto& entry : list_of(object, "f")) {
    if (!entry.is_array()) continue;
    summary.frameworks.push_back({text_at(entry.get_array(), 0), text_at(entry.get_array(), 1)});
  }
  summary.models.clear();
  for (const auto& entry : list_of(object, "m")) {
    if (!entry.is_array()) continue;
    const auto& parts = entry.get_array();
    const auto kind = parse_op_kind(text_at(parts, 0));
    summary.models.push_back({kind.value_or(OpKind::kOther), text_at(parts, 1), text_at(parts, 2)});
  }
  summary.metadata.clear();
  for (const auto& entry : list_of(object, "d")) {
    if (!entry.is_array()) continue;
    summary.metadata.emplace_back(text_at(entry.get_array(), 0), text_at(entry.get_array(), 1));
  }
  summary.tool_names = texts_of(list_of(object, "t"));
  summary.told_tools.clear();
  for (const auto& entry : list_of(object, "u")) {
    if (!entry.is_array()) continue;
    const auto& parts = entry.get_array();
    const auto count = [&](size_t i) {
      return static_cast<uint32_t>(
          std::clamp<int64_t>(measure_at(parts, i).value_or(0), 0, UINT32_MAX));
    };
    summary.told_tools.push_back({text_at(parts, 0), count(1), count(2)});
  }
  summary.session_keys = texts_of(list_of(object, "k"));

  const json::array& totals = list_of(object, "n");
  Totals& t = summary.totals;
  const std::array<Measure*, 10> into = {
      &t.input_tokens,     &t.output_tokens,      &t.cache_read_tokens,   &t.cache_write_tokens,
      &t.reasoning_tokens, &t.audio_input_tokens, &t.audio_output_tokens, &t.characters,
      &t.stt_audio_us,     &t.tts_audio_us};
  for (size_t i = 0; i < into.size(); ++i) *into[i] = measure_at(totals, i);
  const auto* source = object.if_contains("s");
  const int64_t cost_source = source && source->is_int64() ? source->get_int64() : 0;
  summary.cost_source = static_cast<CostSource>(std::clamp<int64_t>(cost_source, 0, 2));

  summary.turn_reported_ms = measures_of(list_of(object, "r"));
  summary.turn_computed_ms = measures_of(list_of(object, "c"));
  const json::array& reported = list_of(object, "lr");
  const json::array& computed = list_of(object, "lc");
  summary.reported = reported.empty() ? summarise(summary.turn_reported_ms) : latency_of(reported);
  summary.computed = computed.empty() ? summarise(summary.turn_computed_ms) : latency_of(computed);
  return {};
}

}  // namespace callscope::model
