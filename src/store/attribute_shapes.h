// Attributes as a row keeps them: their keys apart from their values, since spans of one kind have
// the same keys, and long texts apart from short values, since each compresses better among its
// like.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/span.h"

namespace callscope::store {

// JSON arrays. `keys` names first the `values`, then the `texts`, each in the order of the span.
struct AttributeText {
  std::string_view keys;
  std::string_view values;
  std::string_view texts;  // empty for none

  bool operator==(const AttributeText&) const = default;
};

// Writes attributes as text, and remembers the lists of keys that it has seen.
class AttributeShapes {
 public:
  // What is written lies in `arena`, which outlives this.
  explicit AttributeShapes(Arena& arena) : arena_(arena) {}

  // Of a repeated key the last value is written.
  AttributeText encode(const model::Attributes& attributes);

 private:
  enum class Place : uint8_t { kValues, kTexts, kNowhere };
  struct Shape {
    uint64_t hash = 0;
    std::vector<std::string_view> keys;  // in the order of the span
    std::vector<bool> long_texts;        // which of them have long texts
    std::vector<Place> places;
    std::string_view json;
  };
  static constexpr uint32_t kFree = UINT32_MAX;

  Shape make_shape(const model::Attributes& attributes, uint64_t hash);
  const Shape& shape_of(const model::Attributes& attributes);
  void grow();

  Arena& arena_;
  std::vector<Shape> shapes_;
  std::vector<uint32_t> slots_;  // positions by hash, open addressing
  Shape other_;                  // of one that is not remembered
  std::string values_, texts_;   // scratch
};

// Reads what encode() wrote; as normalise::parse_attributes_json.
bool read_attributes(const AttributeText& text, Arena& arena, model::Attributes& out);

}  // namespace callscope::store
