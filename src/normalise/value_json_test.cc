#include "normalise/value_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace callscope::normalise {
namespace {

using model::Attributes;
using model::Value;
using model::ValueType;

std::string printed(const Value& value) {
  std::string out;
  append_value_json(out, value);
  return out;
}

bool same(const Value& a, const Value& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case ValueType::kBool:
      return a.boolean == b.boolean;
    case ValueType::kInt:
      return a.integer == b.integer;
    case ValueType::kDouble:
      return a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
    default:
      return a.text == b.text;
  }
}

Value typed(ValueType type, std::string_view text) {
  return {.type = type, .integer = 0, .text = text};
}

// The value is spelled as given and reads back the same.
void check(const Value& value, std::string_view json) {
  EXPECT_EQ(printed(value), json);
  Arena arena;
  const auto back = parse_value_json(json, arena);
  ASSERT_TRUE(back) << json << ": " << back.error().message;
  EXPECT_TRUE(same(*back, value)) << json << " read as " << printed(*back);
}

TEST(ValueJson, EveryTypeComesBackTheSame) {
  check(Value{}, "null");
  check(Value::of(""), R"("")");
  check(Value::of("plain"), R"("plain")");
  check(Value::of("q\" b\\ n\n t\t c\x01"), R"("q\" b\\ n\n t\t c\u0001")");
  check(Value::of("größer 🎧"), R"("größer 🎧")");
  check(Value::of_bool(true), "true");
  check(Value::of_bool(false), "false");
  check(Value::of_int(0), "0");
  check(Value::of_int(-1), "-1");
  check(Value::of_int(std::numeric_limits<int64_t>::max()), "9223372036854775807");
  check(Value::of_int(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  check(Value::of_double(1), "1.0");
  check(Value::of_double(-0.0), "-0.0");
  check(Value::of_double(0.1), "0.1");
  check(Value::of_double(1e300), "1e+300");
  check(Value::of_double(std::nan("")), R"({"$double":"NaN"})");
  check(Value::of_double(INFINITY), R"({"$double":"Infinity"})");
  check(Value::of_double(-INFINITY), R"({"$double":"-Infinity"})");
  check(typed(ValueType::kBytes, ""), R"({"$bytes":""})");
  check(typed(ValueType::kBytes, "\xDE\xAD\xBE\xEF"), R"({"$bytes":"3q2+7w=="})");
  check(typed(ValueType::kArray, "[]"), "[]");
  check(typed(ValueType::kArray, R"([1,"a",[2.0,null],{"k":true}])"),
        R"([1,"a",[2.0,null],{"k":true}])");
  check(typed(ValueType::kMap, "{}"), "{}");
  check(typed(ValueType::kMap, R"({"$$bytes":"x"})"), R"({"$$bytes":"x"})");
  check(typed(ValueType::kMap, R"({"$bytes":"x","b":1})"), R"({"$bytes":"x","b":1})");
}

TEST(ValueJson, InvalidUtf8IsReplaced) {
  EXPECT_EQ(printed(Value::of("a\xFFz")), "\"a\xEF\xBF\xBDz\"");
}

TEST(ValueJson, ReadsWhatOthersWrite) {
  Arena arena;
  const auto read = [&](std::string_view json) { return printed(*parse_value_json(json, arena)); };
  EXPECT_EQ(read(" \n\"\\u0041\\ud83c\\udfa7\\/\" "), "\"A🎧/\"");
  EXPECT_EQ(read(R"("\ud83cx")"), "\"\xEF\xBF\xBDx\"");
  EXPECT_EQ(read("18446744073709551616"), "18446744073709551616.0");
  EXPECT_EQ(read("1e999"), R"({"$double":"Infinity"})");
  EXPECT_EQ(read("[1 , 2 ]"), "[1 , 2 ]");
}

TEST(ValueJson, RefusesWhatIsNotJson) {
  Arena arena;
  for (const std::string_view json : {"",
                                      " ",
                                      "nul",
                                      "01",
                                      "1.",
                                      "-",
                                      "+1",
                                      "\"",
                                      "\"a",
                                      "\"\\",
                                      R"("\x")",
                                      R"("\u12")",
                                      "[",
                                      "[1",
                                      "[1,]",
                                      "[,]",
                                      "[}",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "1 2",
                                      "[] []",
                                      R"({"$bytes":"*"})",
                                      R"({"$double":"1"})"}) {
    EXPECT_FALSE(parse_value_json(json, arena)) << json;
  }
}

TEST(ValueJson, NestingIsBounded) {
  Arena arena;
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse_value_json(nested(128), arena));
  EXPECT_FALSE(parse_value_json(nested(129), arena));
  EXPECT_FALSE(parse_value_json(std::string(1'000'000, '['), arena));
}

TEST(ValueJson, OnlyKeyOfAMapIsToldFromAMark) {
  const auto key = [](std::string_view text, MapSize size) {
    std::string out;
    append_map_key_json(out, text, size);
    return out;
  };
  EXPECT_EQ(key("$bytes", MapSize::kOne), R"("$$bytes")");
  EXPECT_EQ(key("$", MapSize::kOne), R"("$$")");
  EXPECT_EQ(key("$bytes", MapSize::kMany), R"("$bytes")");
  EXPECT_EQ(key("bytes", MapSize::kOne), R"("bytes")");
}

TEST(ValueJson, AttributesKeepTheirOrderAndTheLastOfARepeatedKey) {
  const Attributes attributes = {{"a", Value::of_int(1)},
                                 {"$bytes", Value::of("x")},
                                 {"a", Value::of_int(2)},
                                 {"", Value{}},
                                 {"k\"", typed(ValueType::kMap, R"({"x":1})")}};
  std::string json;
  append_attributes_json(json, attributes);
  EXPECT_EQ(json, R"({"$bytes":"x","a":2,"":null,"k\"":{"x":1}})");

  Arena arena;
  Attributes back;
  ASSERT_TRUE(parse_attributes_json(json, arena, back));
  ASSERT_EQ(back.size(), 4u);
  EXPECT_EQ(back[0].key, "$bytes");
  EXPECT_EQ(back[1].value.integer, 2);
  EXPECT_EQ(back[3].key, "k\"");
  EXPECT_EQ(back[3].value.text, R"({"x":1})");
}

TEST(ValueJson, ManyAttributesAreTreatedAsFewAre) {
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) keys.push_back("key" + std::to_string(i % 150));
  Attributes attributes;
  for (int i = 0; i < 200; ++i)
    attributes.push_back({keys[static_cast<size_t>(i)], Value::of_int(i)});
  std::string json;
  append_attributes_json(json, attributes);
  Arena arena;
  Attributes back;
  ASSERT_TRUE(parse_attributes_json(json, arena, back));
  ASSERT_EQ(back.size(), 150u);
  EXPECT_EQ(model::find(back, "key0")->integer, 150);
  EXPECT_EQ(model::find(back, "key149")->integer, 149);
}

TEST(ValueJson, EmptyAttributes) {
  std::string json;
  append_attributes_json(json, {});
  EXPECT_EQ(json, "{}");
  Arena arena;
  Attributes back = {{"left over", Value{}}};
  EXPECT_TRUE(parse_attributes_json(json, arena, back));
  EXPECT_TRUE(back.empty());
  EXPECT_FALSE(parse_attributes_json("", arena, back));
  EXPECT_FALSE(parse_attributes_json("[]", arena, back));
  EXPECT_FALSE(parse_attributes_json("{\"a\":1", arena, back));
  EXPECT_FALSE(parse_attributes_json("{} x", arena, back));
}

}  // namespace
}  // namespace callscope::normalise
