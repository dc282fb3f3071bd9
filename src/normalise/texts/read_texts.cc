#include "normalise/texts/read_texts.h"

#include <charconv>

#include "normalise/texts/json_text.h"
#include "normalise/texts/messages.h"
#include "normalise/texts/tool_wraps.h"
#include "normalise/tool_result.h"

namespace callscope::normalise::texts {
namespace {

using mapping::kNoKey;
using mapping::Read;
using mapping::Source;
using mapping::SpanView;
using model::Message;
using model::SpanTexts;
using model::Value;
using model::ValueType;

// Text as it is, numbers as short as they can be, lists and maps as JSON.
std::string text_of(const Value& value) {
  char digits[32];
  switch (value.type) {
    case ValueType::kBool:
      return value.boolean ? "true" : "false";
    case ValueType::kInt: {
      const auto written = std::to_chars(digits, digits + sizeof digits, value.integer);
      return std::string(digits, written.ptr);
    }
    case ValueType::kDouble: {
      const auto written = std::to_chars(digits, digits + sizeof digits, value.real);
      return std::string(digits, written.ptr);
    }
    case ValueType::kEmpty:
    case ValueType::kBytes:
      return {};
    default:
      return std::string(value.text);
  }
}

std::string text_at(mapping::KeyId key, const SpanView& view) {
  const Value* value = key == kNoKey ? nullptr : view.find(key);
  return value == nullptr ? std::string() : text_of(*value);
}

// "stop" of ["stop"], "stop, length" of several.
std::string joined_list(std::string_view text) {
  const auto list = text.starts_with('[') ? parse_json(text) : std::nullopt;
  if (!list || !list->is_array()) return std::string(text);
  std::string out;
  for (const boost::json::value& item : list->get_array()) {
    if (!out.empty()) out += ", ";
    out += as_text(&item);
  }
  return out;
}

bool says_yes(const Value& value) {
  if (value.type != ValueType::kString) return mapping::is_true(value);
  return !value.text.empty() && !mapping::equals_ignoring_case(value.text, "false") &&
         value.text != "0";
}

std::string text_of(const Source& source, const SpanView& view) {
  const Value* value = source.key == kNoKey ? nullptr : view.find(source.key);
  const std::string_view span_name = view.span().name;
  switch (source.read) {
    case Read::kNameAfter:
      return span_name.starts_with(source.word) ? std::string(span_name.substr(source.word.size()))
                                                : std::string();
    case Read::kNameBefore:
      if (!span_name.ends_with(source.word)) return {};
      return std::string(span_name.substr(0, span_name.size() - source.word.size()));
    default:
      break;
  }
  if (value == nullptr) return {};
  switch (source.read) {
    case Read::kParts:
      return read_parts(text_of(*value));
    case Read::kContent:
      return contents_of(read_messages(value->text, "user"));
    case Read::kList:
      return joined_list(text_of(*value));
    case Read::kIf:
      if (!says_yes(*value)) return {};
      return source.second == kNoKey ? source.word : text_at(source.second, view);
    case Read::kIs:
      for (const std::string& wanted : source.values) {
        if (mapping::equals_ignoring_case(value->text, wanted)) return source.word;
      }
      return {};
    default:
      return text_of(*value);
  }
}

std::vector<Message> answer(const Source& source, const SpanView& view) {
  Message message;
  message.role = "assistant";
  message.content = text_at(source.key, view);
  message.tool_calls = read_tool_calls(text_at(source.second, view));
  if (message.content.empty() && message.tool_calls.empty()) return {};
  return {std::move(message)};
}

std::vector<Message> messages_of(const Source& source, const SpanView& view) {
  const std::string_view role =
      source.role.empty() ? std::string_view("user") : std::string_view(source.role);
  const model::Span& span = view.span();
  switch (source.read) {
    case Read::kFlat:
      return read_flat_messages(span.attributes, source.word, role);
    case Read::kEvents:
      return read_event_messages(span.events,
                                 source.word == "output" ? Direction::kOutput : Direction::kInput);
    case Read::kAnswer:
      return answer(source, view);
    default:
      break;
  }
  const Value* value = source.key == kNoKey ? nullptr : view.find(source.key);
  return value == nullptr ? std::vector<Message>() : read_messages(value->text, role);
}

// Messages in the attribute `key` of the span event `source.word`.
std::vector<Message> event_messages(const Source& source, std::string_view key,
                                    const model::Span& span) {
  for (const model::Event& event : span.events) {
    if (event.name != source.word) continue;
    const Value* value = model::find(event.attributes, key);
    if (value == nullptr) continue;
    return read_messages(value->text, source.role.empty() ? std::string_view("user") : source.role);
  }
  return {};
}

// The last exception event says what went wrong where no attribute does.
void read_exception(const model::Span& span, SpanTexts& texts) {
  for (auto event = span.events.rbegin(); event != span.events.rend(); ++event) {
    if (event->name != "exception") continue;
    const Value* type = model::find(event->attributes, "exception.type");
    const Value* message = model::find(event->attributes, "exception.message");
    if (texts.error_type.empty() && type != nullptr) texts.error_type = type->text;
    if (texts.error_message.empty() && message != nullptr) texts.error_message = message->text;
    break;
  }
  if (texts.error_message.empty() && span.status == model::StatusCode::kError) {
    texts.error_message = span.status_message;
  }
}

void read_metadata(const mapping::Framework* framework, const mapping::Rule& rule,
                   const SpanView& view, SpanTexts& texts) {
  const model::Attributes& attributes = view.span().attributes;
  for (size_t i = 0; i < attributes.size(); ++i) {
    const std::string_view key = attributes[i].key;
    std::string_view name;
    for (const std::string& own : rule.metadata) {
      if (own == "*") {
        const bool known =
            framework == nullptr || framework->knows(key) || view.is_known(*framework, key);
        if (!known) name = key;
      } else if (own.ends_with('.') ? key.starts_with(own) : key == own) {
        name = own.ends_with('.') ? key.substr(own.size()) : key;
      }
      if (!name.empty()) break;
    }
    if (!name.empty()) texts.metadata.emplace_back(name, text_of(attributes[i].value));
  }
}

std::string result_text(const mapping::Rule& rule, const SpanView& view) {
  for (const mapping::TextField& field : rule.texts) {
    const auto* target = std::get_if<mapping::TextTarget>(&field.target);
    if (target == nullptr || target->member != &SpanTexts::result) continue;
    for (const Source& source : field.sources) {
      if (std::string text = text_of(source, view); !text.empty()) return text;
    }
  }
  return {};
}

// What a tool's own words say, where no attribute and no event does.
void read_tool(SpanTexts& texts) {
  if (texts.error_message.empty()) texts.error_message = failure_in(texts.result);
  texts.result = unwrapped_result(std::move(texts.result));
  texts.arguments = unwrapped_arguments(std::move(texts.arguments));
}

}  // namespace

bool tells_failure(const mapping::Rule& rule, const SpanView& view) {
  return !failure_in(result_text(rule, view)).empty();
}

SpanTexts read_texts(const mapping::Framework* framework, const mapping::Rule& rule,
                     const SpanView& view, const model::SpanFacts& facts) {
  SpanTexts texts;
  for (const mapping::TextField& field : rule.texts) {
    for (const Source& source : field.sources) {
      if (const auto* target = std::get_if<mapping::TextTarget>(&field.target)) {
        texts.*target->member = text_of(source, view);
        if (!(texts.*target->member).empty()) break;
      } else if (const auto* number = std::get_if<mapping::NumberTarget>(&field.target)) {
        const Value* value = source.key == kNoKey ? nullptr : view.find(source.key);
        const auto read = value == nullptr ? std::nullopt : mapping::number_of(*value);
        if (!read || (*read == 0 && source.zero_is_none)) continue;
        texts.*number->member = read;
        break;
      } else {
        const auto member = std::get<mapping::MessagesTarget>(field.target).member;
        texts.*member = source.read == Read::kEventMessages
                            ? event_messages(source, view.key_name(source.key), view.span())
                            : messages_of(source, view);
        if (!(texts.*member).empty()) break;
      }
    }
  }
  read_exception(view.span(), texts);
  if (facts.kind == model::OpKind::kTool) read_tool(texts);
  if (!rule.metadata.empty()) read_metadata(framework, rule, view, texts);
  // A barge-in that was only the end of the call is told by the facts alone in some frameworks.
  if (facts.call_ended_it && texts.interrupted_by.empty()) texts.interrupted_by = "call_end";
  return texts;
}

}  // namespace callscope::normalise::texts
