#include "main/call_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "main/text_table.h"

namespace callscope {
namespace {

constexpr std::string_view kNotCaptured = "not captured";
constexpr size_t kTextWidth = 100;
constexpr size_t kCellWidth = 40;

std::string moment(JsonView time) {
  std::string text = time.text().substr(0, 19);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text.empty() ? "-" : text;
}

std::string milliseconds(JsonView value) {
  const auto number = value.number();
  return number ? fmt::format("{:.0f} ms", *number) : "-";
}

std::string seconds(JsonView value) {
  const auto number = value.number();
  return number ? fmt::format("{:.1f} s", *number) : "-";
}

std::string dollars(JsonView value) {
  const auto number = value.number();
  return number ? fmt::format("${:.4f}", *number) : "-";
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string latency(std::string_view name, JsonView summary) {
  if (!summary.exists()) return fmt::format("  {} latency: {}\n", name, kNotCaptured);
  return fmt::format("  {} latency: median {}, p95 {}, longest {} ({} turns)\n", name,
                     milliseconds(summary["p50_ms"]), milliseconds(summary["p95_ms"]),
                     milliseconds(summary["max_ms"]), summary["n"].integer());
}

void append_side(std::string& out, std::string_view who, JsonView side) {
  if (!side.exists()) return;
  const std::string text = side["text"].text();
  const std::string shown = text.empty() ? std::string(kNotCaptured) : one_line(text, kTextWidth);
  out += fmt::format("      {:>8} {:<5} {}\n", seconds(side["start_s"]), who, shown);
}

// "1200 ms reported, 1100 ms computed: endpointing 300, llm_ttft 400, …"
std::string turn_latency(JsonView turn) {
  std::string parts;
  const auto add = [&](std::string_view label, JsonView value) {
    if (const auto number = value.number()) {
      parts += fmt::format("{}{} {:.0f}", parts.empty() ? "" : ", ", label, *number);
    }
  };
  const JsonView stages = turn["stages"];
  add("endpointing", stages["endpointing_ms"]);
  add("STT", stages["stt_ms"]);
  add("LLM", stages["llm_ttft_ms"]);
  add("tools", stages["tool_ms"]);
  add("sentence", stages["text_aggregation_ms"]);
  add("TTS", stages["tts_ttfb_ms"]);
  add("unattributed", stages["unattributed_ms"]);

  std::string measures;
  const JsonView latency = turn["latency"];
  if (latency["reported_ms"].number())
    measures += milliseconds(latency["reported_ms"]) + " reported";
  if (latency["computed_ms"].number()) {
    measures += (measures.empty() ? "" : ", ") + milliseconds(latency["computed_ms"]) + " computed";
  }
  if (measures.empty()) measures = kNotCaptured;
  return parts.empty() ? measures : fmt::format("{} ({})", measures, parts);
}

std::string turns_as_text(JsonView call) {
  std::string out;
  for (const auto& item : call["turns"].items()) {
    const JsonView turn(item);
    out += fmt::format("  {:>3} {:>8} latency {}{}\n", turn["index"].integer(),
                       seconds(turn["start_s"]), turn_latency(turn),
                       turn["interrupted"].is_true() ? ", interrupted" : "");
    append_side(out, "user", turn["user"]);
    append_side(out, "agent", turn["agent"]);
  }
  return out.empty() ? "" : "\nTurns\n" + out;
}

std::string tools_as_text(JsonView call) {
  if (call["tools"].items().empty()) return "";
  TextTable table({"TOOL", "AT", "TOOK", "RESULT", "ARGUMENTS", "OUTPUT"});
  for (const auto& item : call["tools"].items()) {
    const JsonView tool(item);
    const std::string output =
        tool["is_error"].is_true() ? tool["error"].text() : tool["result"].text();
    table.add({tool["name"].text(), seconds(tool["start_s"]), milliseconds(tool["duration_ms"]),
               tool["is_error"].is_true() ? "failed" : "ok",
               or_dash(one_line(tool["arguments"].text(), kCellWidth)),
               or_dash(one_line(output, kCellWidth))});
  }
  return "\nTools\n" + table.text();
}

std::string models_as_text(JsonView call) {
  if (call["models"].items().empty()) return "";
  const auto count = [](JsonView value) {
    const auto number = value.number();
    return number ? fmt::format("{:.0f}", *number) : std::string("-");
  };
  TextTable table({"KIND", "PROVIDER", "MODEL", "CALLS", "TOKENS IN", "TOKENS OUT", "CHARACTERS",
                   "AUDIO", "COST"});
  for (const auto& item : call["models"].items()) {
    const JsonView model(item);
    table.add({model["kind"].text(), or_dash(model["provider"].text()),
               or_dash(model["model"].text()), count(model["calls"]), count(model["input_tokens"]),
               count(model["output_tokens"]), count(model["characters"]), seconds(model["audio_s"]),
               dollars(model["cost_usd"])});
  }
  return "\nModels\n" + table.text();
}

int64_t nanoseconds(JsonView decimal) {
  const std::string text = decimal.text();
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Spans by their parent, for walking a trace from its roots. What hangs under a span that is not
// there, or under itself, is a root too.
class SpanTree {
 public:
  explicit SpanTree(JsonView trace) {
    for (const auto& item : trace["spans"].items()) spans_.emplace_back(item);
    for (size_t i = 0; i < spans_.size(); ++i) by_id_[spans_[i]["span_id"].text()] = i;
    for (size_t i = 0; i < spans_.size(); ++i) {
      const auto parent = by_id_.find(spans_[i]["parent_span_id"].text());
      if (parent == by_id_.end() || parent->second == i) {
        roots_.push_back(i);
      } else {
        children_[parent->second].push_back(i);
      }
    }
  }

  std::string text() {
    if (spans_.empty()) return "no spans\n";
    start_ = nanoseconds(spans_.front()["start_time_unix_nano"]);
    for (const JsonView& span : spans_)
      start_ = std::min(start_, nanoseconds(span["start_time_unix_nano"]));
    TextTable table({"AT", "TOOK", "KIND", "SPAN", "STATUS"});
    for (const size_t root : roots_) append(table, root);
    // Spans in a circle hang under no root.
    for (size_t i = 0; i < spans_.size(); ++i) append(table, i);
    return table.text();
  }

 private:
  // Without recursion: a trace may be as deep as it is long.
  void append(TextTable& table, size_t root) {
    std::vector<std::pair<size_t, size_t>> open = {{root, 0}};
    while (!open.empty()) {
      const auto [i, depth] = open.back();
      open.pop_back();
      if (!shown_.insert(i).second) continue;
      add_row(table, spans_[i], depth);
      const auto& children = children_[i];
      for (auto child = children.rbegin(); child != children.rend(); ++child)
        open.emplace_back(*child, depth + 1);
    }
  }

  void add_row(TextTable& table, JsonView span, size_t depth) const {
    const int64_t start = nanoseconds(span["start_time_unix_nano"]);
    const int64_t end = nanoseconds(span["end_time_unix_nano"]);
    const std::string took =
        end >= start ? fmt::format("{:.1f} ms", static_cast<double>(end - start) / 1e6) : "-";
    const bool failed =
        span["facts"]["is_error"].is_true() || span["status"]["code"].text() == "ERROR";
    const std::string indent(2 * std::min<size_t>(depth, 20), ' ');
    table.add({fmt::format("{:.3f} s", static_cast<double>(start - start_) / 1e9), took,
               or_dash(span["facts"]["kind"].text()),
               indent + one_line(span["name"].text(), kCellWidth),
               failed ? "error " + one_line(span["status"]["message"].text(), kCellWidth) : ""});
  }

  std::vector<JsonView> spans_;
  std::unordered_map<std::string, size_t> by_id_;
  std::map<size_t, std::vector<size_t>> children_;
  std::vector<size_t> roots_;
  std::unordered_set<size_t> shown_;
  int64_t start_ = 0;
};

}  // namespace

std::string calls_as_text(const boost::json::array& calls) {
  TextTable table({"ID", "STARTED", "STATE", "LENGTH", "AGENT", "TURNS", "ERRORS", "LATENCY P50",
                   "COST", "NAME"});
  for (const auto& item : calls) {
    const JsonView call(item);
    JsonView latency = call["latency"]["reported"];
    if (!latency.exists()) latency = call["latency"]["computed"];
    std::string agent = call["agent_name"].text();
    if (agent.empty()) agent = std::to_string(call["agent_id"].integer());
    table.add({std::to_string(call["id"].integer()), moment(call["started_at"]),
               call["state"].text(), seconds(call["duration_s"]), agent,
               std::to_string(call["turn_count"].integer()),
               std::to_string(call["error_count"].integer()), milliseconds(latency["p50_ms"]),
               dollars(call["totals"]["cost_usd"]),
               or_dash(one_line(call["call_id"].text(), kCellWidth))});
  }
  return table.text();
}

std::string call_as_text(JsonView call) {
  std::string out = fmt::format("Call {}  {}\n", call["id"].integer(),
                                one_line(call["call_id"].text(), kTextWidth));
  out += fmt::format("  {}, started {} UTC, {} long\n", call["state"].text(),
                     moment(call["started_at"]), seconds(call["duration_s"]));
  out += latency("reported", call["latency"]["reported"]);
  out += latency("computed", call["latency"]["computed"]);
  const JsonView totals = call["totals"];
  const std::string cost =
      totals["cost_usd"].number() ? dollars(totals["cost_usd"]) : std::string(kNotCaptured);
  out += fmt::format("  cost: {}\n", cost);
  for (const auto& trace : call["trace_ids"].items())
    out += fmt::format("  trace {}\n", JsonView(trace).text());
  for (const auto& flag : call["flags"].items())
    out += fmt::format("  note: {}\n", JsonView(flag)["message"].text());
  return out + turns_as_text(call) + tools_as_text(call) + models_as_text(call);
}

std::string trace_as_text(JsonView trace) { return SpanTree(trace).text(); }

}  // namespace callscope
