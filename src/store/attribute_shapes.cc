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
// Text with as many digits, among them the letters of hexadecimal numbers, is an id.
constexpr size_t kIdDigits = 8;
// A sender that gives each span keys of its own fills no more than this.
constexpr size_t kShapesMax = 4'096;

bool is_id(std::string_view text) {
  if (text.size() < kIdDigits) return false;
  size_t decimal = 0, hexadecimal = 0;
  for (const char c : text) {
    decimal += c >= '0' && c <= '9';
    hexadecimal += c >= 'a' && c <= 'f';
  }
  return decimal >= kIdDigits / 2 && decimal + hexadecimal >= kIdDigits;
}

void begin_element(std::string& out) {
  if (out.size() > 1) out.push_back(',');
}

}  // namespace

AttributeShapes::Place AttributeShapes::place_of(const model::Value& value) {
  switch (value.type) {
    case ValueType::kInt:
    case ValueType::kDouble:
      return Place::kNumbers;
    case ValueType::kString:
      if (value.text.size() >= kLongText || value.text.find(' ') != std::string_view::npos)
        return Place::kTexts;
      return is_id(value.text) ? Place::kIds : Place::kValues;
    default:
      return value.text.size() >= kLongText ? Place::kTexts : Place::kValues;
  }
}

// Tells keys apart well enough by their length and ends; equality is checked afterwards.
uint64_t AttributeShapes::hash_of(const Attributes& attributes) const {
  uint64_t hash = attributes.size();
  for (size_t i = 0; i < attributes.size(); ++i) {
    const std::string_view key = attributes[i].key;
    uint64_t head = 0;
    uint64_t tail = 0;
    const size_t n = std::min(key.size(), sizeof head);
    if (n > 0) {
      std::memcpy(&head, key.data(), n);
      std::memcpy(&tail, key.data() + key.size() - n, n);
    }
    hash =
        (hash ^ head ^ (key.size() * 8 + static_cast<size_t>(wanted_[i]))) * 0x9E3779B97F4A7C15ull;
    hash = (hash ^ (hash >> 32) ^ tail) * 0xFF51AFD7ED558CCDull;
    hash ^= hash >> 29;
  }
  return hash;
}

AttributeText AttributeShapes::encode(const Attributes& attributes) {
  const Shape& shape = shape_of(attributes);
  for (std::string& array : arrays_) array = "[";
  const auto array_of = [&](Place place) -> std::string& {
    return arrays_[static_cast<size_t>(place)];
  };
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (shape.places[i] == Place::kNowhere) continue;
    std::string& out = array_of(shape.places[i]);
    begin_element(out);
    normalise::append_value_json(out, attributes[i].value);
  }
  const auto keep = [&](Place place) {
    std::string& json = array_of(place);
    if (json.size() == 1 && place != Place::kValues) return std::string_view();
    json.push_back(']');
    return arena_.copy(json);
  };
  return {shape.json, keep(Place::kValues), keep(Place::kIds), keep(Place::kNumbers),
          keep(Place::kTexts)};
}

const AttributeShapes::Shape& AttributeShapes::shape_of(const Attributes& attributes) {
  wanted_.clear();
  for (const Attribute& attribute : attributes) wanted_.push_back(place_of(attribute.value));
  const uint64_t hash = hash_of(attributes);
  const auto is_same = [&](const Shape& shape) {
    if (shape.hash != hash || shape.wanted != wanted_) return false;
    for (size_t i = 0; i < attributes.size(); ++i) {
      if (shape.keys[i] != attributes[i].key) return false;
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
    shape.keys.push_back(arena_.copy(attributes[i].key));
    shape.wanted.push_back(wanted_[i]);
    shape.places.push_back(last[attributes[i].key] == i ? wanted_[i] : Place::kNowhere);
  }
  std::string json = "[";
  for (const Place place : {Place::kValues, Place::kIds, Place::kNumbers, Place::kTexts}) {
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
      !normalise::parse_values_json(text.values, arena, values)) {
    return false;
  }
  for (const std::string_view more : {text.ids, text.numbers, text.texts}) {
    if (!more.empty() && !normalise::parse_values_json(more, arena, values)) return false;
  }
  if (keys.size() != values.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].type != ValueType::kString) return false;
    out.push_back({keys[i].text, values[i]});
  }
  return true;
}

}  // namespace callscope::store
