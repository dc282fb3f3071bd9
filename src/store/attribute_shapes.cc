#include "store/attribute_shapes.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/encoding.h"
#include "normalise/value_json.h"

namespace callscope::store {
namespace {

using model::Attribute;
using model::Attributes;
using model::ValueType;

// Text from this length on is mostly words, and below mostly names and ids.
constexpr size_t kLongText = 40;
// A sender that gives each span keys of its own fills no more than this.
constexpr size_t kShapesMax = 4'096;

bool is_long_text(const model::Value& value) { return value.text.size() >= kLongText; }

// Tells keys apart well enough by their length and ends; equality is checked afterwards.
uint64_t hash_of(const Attributes& attributes) {
  uint64_t hash = attributes.size();
  for (const Attribute& attribute : attributes) {
    const std::string_view key = attribute.key;
    uint64_t head = 0;
    uint64_t tail = 0;
    const size_t n = std::min(key.size(), sizeof head);
    if (n > 0) {
      std::memcpy(&head, key.data(), n);
      std::memcpy(&tail, key.data() + key.size() - n, n);
    }
    hash = (hash ^ head ^ (key.size() * 2 + (is_long_text(attribute.value) ? 1 : 0))) *
           0x9E3779B97F4A7C15ull;
    hash = (hash ^ (hash >> 32) ^ tail) * 0xFF51AFD7ED558CCDull;
    hash ^= hash >> 29;
  }
  return hash;
}

void begin_element(std::string& out) {
  if (out.size() > 1) out.push_back(',');
}

}  // namespace

AttributeText AttributeShapes::encode(const Attributes& attributes) {
  const Shape& shape = shape_of(attributes);
  values_ = "[";
  texts_ = "[";
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (shape.places[i] == Place::kNowhere) continue;
    std::string& out = shape.places[i] == Place::kTexts ? texts_ : values_;
    begin_element(out);
    normalise::append_value_json(out, attributes[i].value);
  }
  values_.push_back(']');
  AttributeText text{shape.json, arena_.copy(values_), {}};
  if (texts_.size() > 1) {
    texts_.push_back(']');
    text.texts = arena_.copy(texts_);
  }
  return text;
}

const AttributeShapes::Shape& AttributeShapes::shape_of(const Attributes& attributes) {
  const uint64_t hash = hash_of(attributes);
  const auto is_same = [&](const Shape& shape) {
    if (shape.hash != hash || shape.keys.size() != attributes.size()) return false;
    for (size_t i = 0; i < attributes.size(); ++i) {
      if (shape.keys[i] != attributes[i].key ||
          shape.long_texts[i] != is_long_text(attributes[i].value))
        return false;
    }
    return true;
  };
  if (shapes_.size() * 2 >= slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != kFree; slot = (slot + 1) & mask) {
    if (is_same(shapes_[slots_[slot]])) return shapes_[slots_[slot]];
  }
  if (shapes_.size() == kShapesMax) return other_ = make_shape(attributes, hash);
  slots_[slot] = static_cast<uint32_t>(shapes_.size());
  return shapes_.emplace_back(make_shape(attributes, hash));
}

AttributeShapes::Shape AttributeShapes::make_shape(const Attributes& attributes, uint64_t hash) {
  std::unordered_map<std::string_view, size_t> last;
  for (size_t i = 0; i < attributes.size(); ++i) last[attributes[i].key] = i;
  Shape shape;
  shape.hash = hash;
  for (size_t i = 0; i < attributes.size(); ++i) {
    const bool is_long = is_long_text(attributes[i].value);
    shape.keys.push_back(arena_.copy(attributes[i].key));
    shape.long_texts.push_back(is_long);
    shape.places.push_back(last[attributes[i].key] != i ? Place::kNowhere
                           : is_long                    ? Place::kTexts
                                                        : Place::kValues);
  }
  std::string json = "[";
  for (const Place place : {Place::kValues, Place::kTexts}) {
    for (size_t i = 0; i < attributes.size(); ++i) {
      if (shape.places[i] != place) continue;
      begin_element(json);
      append_json_string(json, shape.keys[i]);
    }
  }
  json.push_back(']');
  shape.json = arena_.copy(json);
  return shape;
}

void AttributeShapes::grow() {
  slots_.assign(std::max<size_t>(64, slots_.size() * 2), kFree);
  const size_t mask = slots_.size() - 1;
  for (uint32_t i = 0; i < shapes_.size(); ++i) {
    size_t slot = shapes_[i].hash & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = i;
  }
}

bool read_attributes(const AttributeText& text, Arena& arena, Attributes& out) {
  out.clear();
  std::vector<model::Value> keys;
  std::vector<model::Value> values;
  if (!normalise::parse_values_json(text.keys, arena, keys) ||
      !normalise::parse_values_json(text.values, arena, values) ||
      (!text.texts.empty() && !normalise::parse_values_json(text.texts, arena, values)) ||
      keys.size() != values.size()) {
    return false;
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].type != ValueType::kString) return false;
    out.push_back({keys[i].text, values[i]});
  }
  return true;
}

}  // namespace callscope::store
