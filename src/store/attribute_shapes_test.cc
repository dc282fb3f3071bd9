#include "store/attribute_shapes.h"

#include <gtest/gtest.h>

#include <random>

#include "normalise/value_json.h"

namespace callscope::store {
namespace {

using model::Attributes;
using model::Value;

const std::string kLong(60, 'x');

// The attributes as one JSON object, by key.
std::string object_of(Attributes attributes) {
  std::sort(attributes.begin(), attributes.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::string out;
  normalise::append_attributes_json(out, attributes);
  return out;
}

TEST(AttributeShapesTest, KeepsWhatCompressesAmongItsLikeApart) {
  Arena arena;
  AttributeShapes shapes(arena);
  const AttributeText text = shapes.encode({{"model", Value::of("gpt")},
                                            {"prompt", Value::of(kLong)},
                                            {"tokens", Value::of_int(7)},
                                            {"answer", Value::of("two words")},
                                            {"call", Value::of("call_60afd7f279a6d590")},
                                            {"model", Value::of("gpt\"4\"")}});
  EXPECT_EQ(text.keys, R"(["model","call","tokens","prompt","answer"])");
  EXPECT_EQ(text.values, R"(["gpt\"4\""])");
  EXPECT_EQ(text.ids, R"(["call_60afd7f279a6d590"])");
  EXPECT_EQ(text.numbers, "[7]");
  EXPECT_EQ(text.texts, "[\"" + kLong + "\",\"two words\"]");
  const AttributeText none = shapes.encode({});
  EXPECT_EQ(none.keys, "[]");
  EXPECT_EQ(none.values, "[]");
  EXPECT_EQ(none.ids, "");
  EXPECT_EQ(none.numbers, "");
  EXPECT_EQ(none.texts, "");
}

TEST(AttributeShapesTest, SpansWithTheSameKeysShareThem) {
  Arena arena;
  AttributeShapes shapes(arena);
  const AttributeText one = shapes.encode({{"a", Value::of("y")}, {"b", Value::of(kLong)}});
  const AttributeText two = shapes.encode({{"a", Value::of("x")}, {"b", Value::of(kLong)}});
  EXPECT_EQ(one.keys.data(), two.keys.data());
  EXPECT_NE(one.keys, shapes.encode({{"b", Value::of("short")}, {"a", Value::of("x")}}).keys);
}

TEST(AttributeShapesTest, ReadsBackWhateverWasWritten) {
  std::mt19937 random(7);
  Arena arena;
  AttributeShapes shapes(arena);
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i)
    names.push_back("key " + std::string(i % 23, 'k') + std::to_string(i));
  for (int round = 0; round < 6'000; ++round) {
    Attributes attributes;
    for (size_t n = random() % 12; n > 0; --n) {
      const std::string& key = names[random() % (round % 2 == 0 ? 6 : names.size())];
      const bool is_repeated = model::find(attributes, key) != nullptr;
      if (is_repeated) continue;
      const Value choices[] = {Value::of_int(static_cast<int64_t>(random())),
                               Value::of(kLong),
                               Value::of("a\"b"),
                               Value::of("0123456789abcdef"),
                               Value::of_bool(true),
                               Value::of_double(1.5)};
      attributes.push_back({key, choices[random() % 6]});
    }
    const AttributeText text = shapes.encode(attributes);
    Attributes read;
    ASSERT_TRUE(read_attributes(text, arena, read));
    ASSERT_EQ(object_of(read), object_of(attributes));
  }
}

TEST(AttributeShapesTest, RefusesListsThatDoNotFit) {
  Arena arena;
  Attributes out;
  EXPECT_FALSE(read_attributes({R"(["a","b"])", "[1]", "", "", ""}, arena, out));
  EXPECT_FALSE(read_attributes({"[1]", "[1]", "", "", ""}, arena, out));
  EXPECT_FALSE(read_attributes({R"(["a"])", "[1", "", "", ""}, arena, out));
  EXPECT_FALSE(read_attributes({R"(["a"])", "{}", "", "", ""}, arena, out));
}

}  // namespace
}  // namespace callscope::store
