// Attribute values as JSON text and back, without losing a type: docs/formats/values.md. This is
// the text in the lake's attribute columns, in model::Value's arrays and maps, and in our API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "model/span.h"

namespace callscope::normalise {

void append_value_json(std::string& out, const model::Value& value);

// A JSON object of all attributes in their order. The last one of a repeated key is written.
void append_attributes_json(std::string& out, const model::Attributes& attributes);

// Appends a map's key with its quotes, as it is spelled inside a value: the only key of its map
// gains a "$" if it begins with one, so that it can't be taken for one of our marks. (The keys of
// append_attributes_json stand as they are: there a mark is never looked for.)
enum class MapSize { kOne, kMany };
void append_map_key_json(std::string& out, std::string_view key, MapSize size);

// What append_value_json wrote, or any other JSON. Strings without escapes, arrays and maps are
// views of `json`; what had to be unescaped or decoded lies in `arena`.
Result<model::Value> parse_value_json(std::string_view json, Arena& arena);

// Reads what append_attributes_json wrote, in its order, replacing `out`; views as in
// parse_value_json. Nested arrays and maps are checked but stay text. False where `json` is not a
// JSON object; `out` then holds what came before the fault.
bool parse_attributes_json(std::string_view json, Arena& arena, model::Attributes& out);

// Reads a JSON array of values as parse_value_json reads one, and appends them to `out`. False
// where `json` is not a JSON array.
bool parse_values_json(std::string_view json, Arena& arena, std::vector<model::Value>& out);

}  // namespace callscope::normalise
