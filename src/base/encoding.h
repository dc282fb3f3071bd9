// Text encodings of bytes: hex, base64, UTF-8 repair and JSON string escaping.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callscope {

void append_hex(std::string& out, std::string_view bytes);
std::string to_hex(std::string_view bytes);
// nullopt where `hex` has an odd length or a character that is no hex digit.
std::optional<std::string> from_hex(std::string_view hex);

std::string to_base64(std::string_view bytes);
// Standard and URL-safe alphabets, with or without padding; nullopt for anything else.
std::optional<std::string> from_base64(std::string_view text);

bool is_utf8(std::string_view text);

// Appends `text` with each invalid sequence replaced by U+FFFD. Returns how many were replaced.
size_t append_utf8(std::string& out, std::string_view text);

// Appends a JSON string with its quotes. Invalid UTF-8 is replaced as append_utf8 does.
void append_json_string(std::string& out, std::string_view text);

// Appends a number as JSON that reads back as the same double and is told from an integer ("1.0").
// NaN and infinities, which JSON lacks, are written as {"$double":"NaN"}, "Infinity", "-Infinity".
void append_json_double(std::string& out, double value);

}  // namespace callscope
