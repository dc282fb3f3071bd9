#include "normalise/message_lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace callscope::normalise {
namespace {

using model::Value;

Value map_of(std::string_view json) {
  Value value = Value::of(json);
  value.type = model::ValueType::kMap;
  return value;
}

SpanId span_id(uint8_t number) {
  SpanId id;
  id.bytes.fill(number);
  return id;
}

class MessageLinesTest : public ::testing::Test {
 protected:
  MessageLinesTest() {
    spans_.spans.emplace_back().span_id = span_id(1);
    spans_.spans.emplace_back().span_id = span_id(2);
  }

  model::LogLine& add(uint8_t span, std::string_view name, Value body) {
    model::LogLine& line = lines_->lines.emplace_back();
    line.trace_id.bytes.fill(7);
    line.span_id = span_id(span);
    line.event_name = name;
    line.body = body;
    return line;
  }

  // Name and attributes of each event of a span.
  std::string events_of(size_t i) {
    if (lines_) add_message_lines(spans_, std::move(lines_));
    std::string out;
    for (const model::Event& event : spans_.spans[i].events) {
      out.append("[").append(event.name);
      for (const model::Attribute& attribute : event.attributes)
        out.append(" ").append(attribute.key).append("=").append(attribute.value.text);
      out.append("]");
    }
    return out;
  }

  model::SpanBatch spans_;
  std::unique_ptr<model::LogBatch> lines_ = std::make_unique<model::LogBatch>();
};

TEST_F(MessageLinesTest, BecomeEventsOfTheirSpan) {
  add(2, "gen_ai.user.message", map_of(R"({"content":"Hi"})"));
  add(2, "gen_ai.choice", map_of(R"({"finish_reason":"stop","message":{"content":"Hello"}})"));
  EXPECT_EQ(events_of(0), "");
  EXPECT_EQ(events_of(1), R"([gen_ai.user.message content=Hi][gen_ai.choice finish_reason=stop )"
                          R"(message={"content":"Hello"}])");
}

TEST_F(MessageLinesTest, AreNamedByAnAttributeInOlderSdks) {
  add(1, "", map_of(R"({"content":"Hi"})"))
      .attributes.push_back({"event.name", Value::of("gen_ai.user.message")});
  EXPECT_EQ(events_of(0), "[gen_ai.user.message content=Hi event.name=gen_ai.user.message]");
}

TEST_F(MessageLinesTest, ARetryCountsOnce) {
  for (int i = 0; i < 2; ++i) add(1, "gen_ai.user.message", map_of(R"({"content":"Hi"})"));
  EXPECT_EQ(events_of(0), "[gen_ai.user.message content=Hi]");
}

TEST_F(MessageLinesTest, OtherLinesAreNone) {
  add(1, "exception", map_of("{}"));
  add(9, "gen_ai.user.message", map_of("{}"));
  EXPECT_EQ(events_of(0) + events_of(1), "");
  EXPECT_FALSE(is_message_line(model::LogLine{.event_name = "gen_ai.choice"}));
}

}  // namespace
}  // namespace callscope::normalise
