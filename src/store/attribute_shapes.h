// Attributes as a row keeps them: their keys apart from their values, since spans of one kind have
// the same keys, and words that repeat from span to span apart from numbers and from texts, since
// each compresses best among its like.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/span.h"

namespace callscope::store {

// JSON arrays. `keys` names first the `values`, then the `ids`, the `numbers` and the `texts`, each
// in the order of the span.
struct AttributeText {
  std::string_view keys;
  std::string_view values;   // names of models and voices, yes and no: few different ones
  std::string_view ids;      // mostly the same in all spans of a call; empty for none
  std::string_view numbers;  // empty for none
  std::string_view texts;    // what is long or has spaces in it; empty for none

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
  enum class Place : uint8_t { kValues, kIds, kNumbers, kTexts, kNowhere };
  struct Shape {
    uint64_t hash = 0;
    std::vector<std::string_view> keys;  // in the order of the span
    std::vector<Place> wanted;           // where the value of each belongs
    std::vector<Place> places;           // where it is written: nowhere where its key comes again
    std::string_view json;
  };
  static constexpr uint32_t kFree = UINT32_MAX;

  static Place place_of(const model::Value& value);
  uint64_t hash_of(const model::Attributes& attributes) const;
  Shape make_shape(const model::Attributes& attributes, uint64_t hash);
  const Shape& shape_of(const model::Attributes& attributes);
  void grow();

  Arena& arena_;
  std::vector<Shape> shapes_;
  std::vector<uint32_t> slots_;        // positions by hash, open addressing
  std::vector<Place> wanted_;          // of the span at hand
  Shape other_;                        // of one that is not remembered
  std::array<std::string, 4> arrays_;  // scratch, by place
};

// Reads what encode() wrote; as normalise::parse_attributes_json.
bool read_attributes(const AttributeText& text, Arena& arena, model::Attributes& out);

}  // namespace callscope::store
