// Whatever reads as a value or as attributes is printed, and what we printed reads back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "normalise/value_json.h"

using namespace callscope;
using namespace callscope::normalise;

namespace {

std::string reprinted_value(const std::string& json) {
  Arena arena;
  const auto value = parse_value_json(json, arena);
  if (!value) std::abort();
  std::string out;
  append_value_json(out, *value);
  return out;
}

std::string reprinted_attributes(const std::string& json) {
  Arena arena;
  model::Attributes attributes;
  if (!parse_attributes_json(json, arena, attributes)) std::abort();
  std::string out;
  append_attributes_json(out, attributes);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  Arena arena;
  if (const auto value = parse_value_json(json, arena)) {
    std::string ours;
    append_value_json(ours, *value);
    if (reprinted_value(ours) != ours) std::abort();
  }
  model::Attributes attributes;
  if (parse_attributes_json(json, arena, attributes)) {
    std::string first;
    append_attributes_json(first, attributes);
    // Keys that differed in invalid bytes alone are one key from here on.
    const std::string ours = reprinted_attributes(first);
    if (reprinted_attributes(ours) != ours) std::abort();
  }
  return 0;
}
