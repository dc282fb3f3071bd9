#include "serve/compat/call_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <regex>
#include <string>
#include <variant>
#include <vector>

namespace callscope::serve::compat {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 16;
constexpr size_t kConditionsMax = 200;
constexpr size_t kPatternBytesMax = 200;

Error refused(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), "filters_v2"};
}

enum class Op {
  kEq,
  kNeq,
  kGt,
  kGte,
  kLt,
  kLte,
  kContains,
  kStartsWith,
  kEndsWith,
  kIn,
  kIsNull,
  kRegex
};

std::optional<Op> parse_op(std::string_view text) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {{"eq", Op::kEq},
                                                             {"neq", Op::kNeq},
                                                             {"gt", Op::kGt},
                                                             {"gte", Op::kGte},
                                                             {"lt", Op::kLt},
                                                             {"lte", Op::kLte},
                                                             {"contains", Op::kContains},
                                                             {"startswith", Op::kStartsWith},
                                                             {"endswith", Op::kEndsWith},
                                                             {"in", Op::kIn},
                                                             {"isnull", Op::kIsNull},
                                                             {"regex", Op::kRegex}};
  for (const auto& [name, op] : kOps) {
    if (name == text) return op;
  }
  return std::nullopt;
}

bool is_field(std::string_view name) {
  static constexpr std::string_view kFields[] = {"id",
                                                 "success",
                                                 "duration",
                                                 "customer_number",
                                                 "call_ended_reason",
                                                 "dropoff_point",
                                                 "topic",
                                                 "timestamp",
                                                 "is_reviewed",
                                                 "call_id",
                                                 "agent.id",
                                                 "agent",
                                                 "agent.agent_name",
                                                 "status"};
  return std::find(std::begin(kFields), std::end(kFields), name) != std::end(kFields) ||
         name.starts_with("metadata.") || name.starts_with("metric_evaluations.");
}

// A value of a call or of a condition. monostate: the call has none.
using Value = std::variant<std::monostate, double, std::string>;

std::optional<double> number_of(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  const auto* text = std::get_if<std::string>(&value);
  if (!text || text->empty()) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return {};
}

// "now-7d", "today-24h".
std::optional<TimeNs> relative_time(std::string_view text, TimeNs now) {
  constexpr int64_t kDayNs = 86'400'000'000'000;
  TimeNs base = now;
  if (text.starts_with("today")) {
    base.ns -= base.ns % kDayNs;
    text.remove_prefix(5);
  } else if (text.starts_with("now")) {
    text.remove_prefix(3);
  } else {
    return std::nullopt;
  }
  if (text.empty()) return base;
  const bool is_back = text.front() == '-';
  if (!is_back && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end + 1 != text.data() + text.size() || count > 100'000)
    return std::nullopt;
  int64_t unit_s = 0;
  switch (*end) {
    case 'm':
      unit_s = 60;
      break;
    case 'h':
      unit_s = 3'600;
      break;
    case 'd':
      unit_s = 86'400;
      break;
    case 'w':
      unit_s = 604'800;
      break;
    default:
      return std::nullopt;
  }
  const DurationNs shift = DurationNs::from_s(count * unit_s);
  return is_back ? base - shift : base + shift;
}

Value value_of(std::string_view field, const model::CallSummary& call, const AgentNames& agents) {
  const auto text = [](std::string_view value) -> Value {
    return value.empty() ? Value() : Value(std::string(value));
  };
  const auto metadata = [&](std::string_view key) -> Value {
    for (const auto& [name, value] : call.metadata) {
      if (name == key) return value;
    }
    return {};
  };
  if (field == "id") return static_cast<double>(call.id);
  if (field == "call_id") return text(call.call_id);
  if (field == "duration") {
    if (!call.started.is_set() || call.ended < call.started) return {};
    return (call.ended - call.started).seconds();
  }
  if (field == "timestamp") {
    return call.started.is_set() ? Value(static_cast<double>(call.started.ns)) : Value();
  }
  if (field == "call_ended_reason") return text(call.end_reason);
  if (field == "customer_number") return metadata("customer_number");
  if (field == "agent.id" || field == "agent") return static_cast<double>(call.agent);
  if (field == "agent.agent_name") return text(agents(call.agent));
  if (field == "is_reviewed") return 0.0;
  if (field.starts_with("metadata.")) return metadata(field.substr(9));
  return {};  // what no call has yet: success, topic, metrics
}

}  // namespace

struct CallFilter::Node {
  // Of a group: `any` of the conditions must hold, or all.
  bool is_group = false;
  bool any = false;
  std::vector<Node> conditions;

  std::string field;
  Op op = Op::kEq;
  std::vector<Value> values;  // one, or those of "in"
  std::optional<std::regex> pattern;

  bool passes(const model::CallSummary& call, const AgentNames& agents) const {
    if (!is_group) return holds(value_of(field, call, agents));
    const auto holds_one = [&](const Node& node) { return node.passes(call, agents); };
    return any ? std::any_of(conditions.begin(), conditions.end(), holds_one)
               : std::all_of(conditions.begin(), conditions.end(), holds_one);
  }

  bool holds(const Value& value) const {
    const bool is_null = std::holds_alternative<std::monostate>(value);
    if (op == Op::kIsNull) return is_null == (number_of(values.front()).value_or(1) != 0);
    if (op == Op::kNeq) return is_null || !equals(value, values.front());
    if (is_null) return false;
    switch (op) {
      case Op::kEq:
        return equals(value, values.front());
      case Op::kIn:
        return std::any_of(values.begin(), values.end(),
                           [&](const Value& other) { return equals(value, other); });
      case Op::kContains:
        return text_of(value).find(text_of(values.front())) != std::string::npos;
      case Op::kStartsWith:
        return text_of(value).starts_with(text_of(values.front()));
      case Op::kEndsWith:
        return text_of(value).ends_with(text_of(values.front()));
      case Op::kRegex:
        return std::regex_search(text_of(value), *pattern);
      default:
        return compares(value, values.front());
    }
  }

  static bool equals(const Value& a, const Value& b) {
    const auto left = number_of(a), right = number_of(b);
    return left && right ? *left == *right : text_of(a) == text_of(b);
  }

  bool compares(const Value& a, const Value& b) const {
    const auto left = number_of(a), right = number_of(b);
    const int order = left && right ? (*left < *right   ? -1
                                       : *left > *right ? 1
                                                        : 0)
                                    : text_of(a).compare(text_of(b));
    switch (op) {
      case Op::kGt:
        return order > 0;
      case Op::kGte:
        return order >= 0;
      case Op::kLt:
        return order < 0;
      default:
        return order <= 0;
    }
  }
};

namespace {

Result<Value> parse_value(const json::value& value, std::string_view field, TimeNs now) {
  if (value.is_null()) return Value();
  if (value.is_bool()) return Value(value.get_bool() ? 1.0 : 0.0);
  if (value.is_number()) return Value(value.to_number<double>());
  if (!value.is_string()) return refused(fmt::format("the value of {} is no scalar", field));
  const std::string_view text = value.get_string();
  if (field == "timestamp") {
    auto time = relative_time(text, now);
    if (!time) time = parse_time(text);
    if (!time) {
      return refused(fmt::format("\"{}\" is no time: write RFC 3339, or now-7d or today-7d", text));
    }
    return Value(static_cast<double>(time->ns));
  }
  return Value(std::string(text));
}

Result<CallFilter::Node> parse_node(const json::value& value, TimeNs now, int depth,
                                    size_t& count) {
  if (depth > kDepthMax || ++count > kConditionsMax) {
    return refused(fmt::format("more than {} levels or {} conditions", kDepthMax, kConditionsMax));
  }
  if (!value.is_object()) return refused("a condition must be an object");
  const json::object& object = value.get_object();
  const auto text = [&](std::string_view name) -> std::string_view {
    const json::value* member = object.if_contains(name);
    return member && member->is_string() ? std::string_view(member->get_string())
                                         : std::string_view();
  };
  CallFilter::Node node;
  if (object.contains("conditions")) {
    const std::string_view joined_by = text("operator");
    if (joined_by != "and" && joined_by != "or" && joined_by != "same_row")
      return refused("operator must be \"and\", \"or\" or \"same_row\"");
    node.is_group = true;
    node.any = joined_by == "or";
    if (!object.at("conditions").is_array()) return refused("conditions must be a list");
    for (const json::value& each : object.at("conditions").get_array())
      node.conditions.push_back(TRY(parse_node(each, now, depth + 1, count)));
    return node;
  }
  node.field = text("field");
  if (!is_field(node.field)) return refused(fmt::format("calls have no field \"{}\"", node.field));
  const auto op = parse_op(text("op"));
  if (!op) return refused(fmt::format("\"{}\" is no operator", text("op")));
  node.op = *op;
  const json::value* operand = object.if_contains("value");
  if (node.op == Op::kIn) {
    if (!operand || !operand->is_array()) return refused("\"in\" takes a list of values");
    for (const json::value& each : operand->get_array())
      node.values.push_back(TRY(parse_value(each, node.field, now)));
    return node;
  }
  if (!operand && node.op != Op::kIsNull) return refused("a condition needs a value");
  node.values.push_back(operand ? TRY(parse_value(*operand, node.field, now)) : Value(1.0));
  if (node.op == Op::kRegex) {
    const std::string pattern = text_of(node.values.front());
    if (pattern.size() > kPatternBytesMax)
      return refused(fmt::format("a pattern may have {} bytes", kPatternBytesMax));
    try {
      node.pattern.emplace(pattern, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
      return refused(fmt::format("\"{}\" is no regular expression", pattern));
    }
  }
  return node;
}

}  // namespace

Result<CallFilter> CallFilter::parse(std::string_view text, TimeNs now) {
  CallFilter filter;
  if (text.empty()) return filter;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) return refused("must be JSON");
  size_t count = 0;
  if (value.is_array()) {
    auto node = std::make_shared<Node>();
    node->is_group = true;
    for (const json::value& each : value.get_array())
      node->conditions.push_back(TRY(parse_node(each, now, 1, count)));
    filter.root_ = std::move(node);
    return filter;
  }
  filter.root_ = std::make_shared<Node>(TRY(parse_node(value, now, 0, count)));
  return filter;
}

bool CallFilter::passes(const model::CallSummary& call, const AgentNames& agents) const {
  return !root_ || root_->passes(call, agents);
}

}  // namespace callscope::serve::compat
