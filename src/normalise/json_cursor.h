// Reads JSON text from front to back without building a tree. Strict about structure, lenient about
// control characters inside strings, which hand-made JSON often has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callscope::normalise {

// The deepest nesting of arrays and objects that skip() follows. Protobuf's own limit of 100 nested
// messages makes at most 50 levels of it.
inline constexpr size_t kJsonDepthMax = 128;

// A JSON string as it stands in the text, without its quotes.
struct JsonString {
  std::string_view raw;
  bool escaped = false;  // holds a backslash, so that it has to be unescaped to be read
};

// Writes the meaning of `raw` to `out`, which has room for raw.size() bytes (it never needs more).
// Returns how many were written, or SIZE_MAX for an escape that JSON does not know. A lone half of
// a surrogate pair becomes U+FFFD.
size_t unescape_json(std::string_view raw, char* out);

// Every function first skips white space. Those that return false leave the cursor where the text
// stopped making sense; offset() tells where.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(at_ + text.size()) {}

  // The first character of what comes next; '\0' at the end.
  char peek() {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  bool take(char c) {
    if (peek() != c || at_ == end_) return false;
    ++at_;
    return true;
  }
  bool at_end() { return peek() == '\0' && at_ == end_; }

  bool string(JsonString& out);
  // The characters of a number, a word (true, false, null) or nothing at all; not looked into.
  bool bare(std::string_view& out);
  // A member's name and its colon.
  bool name(JsonString& out) { return string(out) && take(':'); }
  // One whole value of any kind. Checks its structure and its numbers and words.
  bool skip();
  // As skip(), and gives the text of the value.
  bool skip(std::string_view& out) {
    peek();
    const char* from = at_;
    if (!skip()) return false;
    out = {from, static_cast<size_t>(at_ - from)};
    return true;
  }

  size_t offset() const { return static_cast<size_t>(at_ - begin_); }

 private:
  bool skip_scalar();

  const char* begin_;
  const char* at_;
  const char* end_;
};

// Whether `text` is a number as JSON spells it.
bool is_json_number(std::string_view text);

}  // namespace callscope::normalise
