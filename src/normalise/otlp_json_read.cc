#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/encoding.h"
#include "base/wire.h"
#include "normalise/json_cursor.h"
#include "normalise/otlp_json.h"
#include "normalise/otlp_json_messages.h"

namespace callscope::normalise {
namespace {

using otlp_json::Member;
using otlp_json::MemberType;
using otlp_json::Message;

// Reads JSON and writes protobuf in one pass, guided by the tables of otlp_json_messages.h.
class Translator {
 public:
  Translator(std::string_view json, std::string& out) : cursor_(json), out_(out), writer_(out) {}

  Result<void> run(const Message& root) {
    if (!message(root)) return fault();
    if (!cursor_.at_end()) {
      fail("something follows the JSON object");
      return fault();
    }
    return {};
  }

 private:
  bool fail(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    return false;
  }

  Error fault() {
    if (reason_.empty()) reason_ = "not JSON";
    std::string where = path_.empty() ? "the request" : path_;
    return Error{
        ErrorCode::kInvalidArgument,
        "OTLP/JSON: " + reason_ + ": " + where + " at byte " + std::to_string(cursor_.offset()),
        std::move(path_)};
  }

  // The text of a string, valid until the next call.
  bool text(std::string_view& value) {
    JsonString string;
    if (!cursor_.string(string)) return fail("broken string");
    value = string.raw;
    if (!string.escaped) return true;
    scratch_.resize(string.raw.size());
    const size_t size = unescape_json(string.raw, scratch_.data());
    if (size == SIZE_MAX) return fail("unknown escape in a string");
    value = {scratch_.data(), size};
    return true;
  }

  // A number, a word, or the text of a string: what a lenient reader takes for a scalar.
  bool scalar(std::string_view& value) {
    const char c = cursor_.peek();
    if (c == '"') return text(value);
    if (c == '{' || c == '[') return fail("expected a plain value");
    return cursor_.bare(value) || fail("not JSON");
  }

  template <typename Integer>
  bool integer(Integer& value) {
    std::string_view digits;
    if (!scalar(digits)) return false;
    const char* const end = digits.data() + digits.size();
    if (const auto read = std::from_chars(digits.data(), end, value);
        read.ptr == end && read.ec == std::errc{}) {
      return true;
    }
    // JavaScript writes large numbers as 1.7e+18.
    double real = 0;
    const auto read = std::from_chars(digits.data(), end, real);
    using Limits = std::numeric_limits<Integer>;
    if (read.ptr != end || read.ec != std::errc{} || std::trunc(real) != real ||
        real < static_cast<double>(Limits::min()) || real >= static_cast<double>(Limits::max())) {
      return fail(Limits::is_signed ? "expected an integer of 64 bits"
                                    : "expected an unsigned integer");
    }
    value = static_cast<Integer>(real);
    return true;
  }

  bool real(double& value) {
    std::string_view digits;
    if (!scalar(digits)) return false;
    using Limits = std::numeric_limits<double>;
    if (digits == "NaN") {
      value = Limits::quiet_NaN();
    } else if (digits == "Infinity") {
      value = Limits::infinity();
    } else if (digits == "-Infinity") {
      value = -Limits::infinity();
    } else {
      const char* const end = digits.data() + digits.size();
      const auto read = std::from_chars(digits.data(), end, value);
      if (read.ptr != end || read.ec == std::errc::invalid_argument) {
        return fail("expected a number");
      }
      if (read.ec == std::errc::result_out_of_range)
        value = digits[0] == '-' ? -Limits::infinity() : Limits::infinity();
    }
    return true;
  }

  bool enumerator(const Member& member) {
    std::string_view name;
    if (!scalar(name)) return false;
    uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    if (read.ptr != end || read.ec != std::errc{}) {
      // A name from a later version of OTLP reads as "unspecified", like an unknown number does.
      number = 0;
      for (size_t i = 0; i < member.values.size(); ++i) {
        if (member.values[i] == name) number = i;
      }
    }
    writer_.field_varint(member.number, number);
    return true;
  }

  bool id(const Member& member) {
    std::string_view hex;
    if (!text(hex)) return false;
    auto bytes = from_hex(hex);
    // Protobuf's own JSON, which OTLP is not but some senders use, has ids in base64.
    if (!bytes && hex.ends_with('=')) bytes = from_base64(hex);
    writer_.field_bytes(member.number, bytes ? std::string_view(*bytes) : std::string_view());
    return true;
  }

  bool value(const Member& member) {
    switch (member.type) {
      case MemberType::kString: {
        std::string_view string;
        if (cursor_.peek() != '"') return fail("expected a string");
        if (!text(string)) return false;
        writer_.field_bytes(member.number, string);
        return true;
      }
      case MemberType::kBytes: {
        std::string_view base64;
        if (cursor_.peek() != '"') return fail("expected bytes as base64");
        if (!text(base64)) return false;
        const auto bytes = from_base64(base64);
        if (!bytes) return fail("expected bytes as base64");
        writer_.field_bytes(member.number, *bytes);
        return true;
      }
      case MemberType::kId:
        if (cursor_.peek() != '"') return fail("expected an id as hex digits");
        return id(member);
      case MemberType::kBool: {
        std::string_view word;
        if (!scalar(word)) return false;
        if (word != "true" && word != "false") return fail("expected true or false");
        writer_.field_varint(member.number, word == "true" ? 1 : 0);
        return true;
      }
      case MemberType::kInt64: {
        int64_t number = 0;
        if (!integer(number)) return false;
        writer_.field_varint(member.number, static_cast<uint64_t>(number));
        return true;
      }
      case MemberType::kUint32: {
        uint32_t number = 0;
        if (!integer(number)) return false;
        writer_.field_varint(member.number, number);
        return true;
      }
      case MemberType::kFixed32: {
        uint32_t number = 0;
        if (!integer(number)) return false;
        writer_.field_fixed32(member.number, number);
        return true;
      }
      case MemberType::kFixed64: {
        uint64_t number = 0;
        if (!integer(number)) return false;
        writer_.field_fixed64(member.number, number);
        return true;
      }
      case MemberType::kDouble: {
        double number = 0;
        if (!real(number)) return false;
        writer_.field_double(member.number, number);
        return true;
      }
      case MemberType::kEnum:
        return enumerator(member);
      case MemberType::kMessage:
        return nested(member);
    }
    return false;
  }

  // A message as a field: its length stands in front of it, known only behind it. One byte is
  // kept free, enough for most, and the body moves on where it needs more.
  bool nested(const Member& member) {
    writer_.varint(uint64_t{member.number} << 3 | static_cast<uint64_t>(wire::Type::kBytes));
    const size_t length_at = out_.size();
    out_.push_back('\0');
    const bool is_value = member.message == &otlp_json::kAnyValue;
    if (is_value && ++value_depth_ > otlp::kDepthMax) return fail("nested too deeply");
    if (!message(*member.message)) return false;
    if (is_value) --value_depth_;
    char length[10];
    size_t n = 0;
    for (size_t left = out_.size() - length_at - 1;; left >>= 7) {
      const bool more = left >= 0x80;
      length[n++] = static_cast<char>((left & 0x7F) | (more ? 0x80 : 0));
      if (!more) break;
    }
    if (n > 1) out_.insert(length_at, n - 1, '\0');
    std::copy(length, length + n, out_.begin() + static_cast<ptrdiff_t>(length_at));
    return true;
  }

  bool message(const Message& message) {
    if (!cursor_.take('{')) return fail("expected an object");
    if (cursor_.take('}')) return true;
    size_t guess = 0;
    do {
      JsonString name;
      if (!cursor_.name(name)) return fail("expected a name and a colon");
      const Member* member = find(message, name.raw, guess);
      if (member == nullptr || cursor_.peek() == 'n') {  // unknown, or null
        if (!cursor_.skip()) return fail("not JSON");
        continue;
      }
      if (member->repeated ? !list(*member) : !value(*member)) {
        path_.insert(0, path_.empty() || path_[0] == '[' ? std::string(member->name)
                                                         : std::string(member->name) + ".");
        return false;
      }
    } while (cursor_.take(','));
    return cursor_.take('}') || fail("expected , or }");
  }

  bool list(const Member& member) {
    if (!cursor_.take('[')) return fail("expected an array");
    if (cursor_.take(']')) return true;
    size_t index = 0;
    do {
      if (!value(member)) {
        path_.insert(0, "[" + std::to_string(index) + (path_.empty() ? "]" : "]."));
        return false;
      }
      ++index;
    } while (cursor_.take(','));
    return cursor_.take(']') || fail("expected , or ]");
  }

  // Members mostly come in the order of the table: the search starts behind the last one found.
  static const Member* find(const Message& message, std::string_view name, size_t& guess) {
    const size_t n = message.members.size();
    for (size_t tried = 0; tried < n; ++tried) {
      const size_t i = guess + tried < n ? guess + tried : guess + tried - n;
      if (message.members[i].name == name) {
        guess = i + 1 == n ? 0 : i + 1;
        return &message.members[i];
      }
    }
    if (name.find('_') == std::string_view::npos || name.size() > 64) return nullptr;
    std::string camel;
    for (size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '_' && i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z') {
        camel.push_back(static_cast<char>(name[++i] - 'a' + 'A'));
      } else if (name[i] != '_') {
        camel.push_back(name[i]);
      }
    }
    return find(message, camel, guess);
  }

  JsonCursor cursor_;
  std::string& out_;
  wire::Writer writer_;
  std::string scratch_;
  std::string reason_;
  std::string path_;  // built from the inside out, after a fault
  int value_depth_ = 0;
};

Result<std::string> translate(std::string_view json, const Message& root) {
  std::string out;
  out.reserve(json.size() / 2);
  const auto done = Translator(json, out).run(root);
  if (!done) return done.error();
  return out;
}

}  // namespace

Result<std::string> traces_json_to_protobuf(std::string_view json) {
  return translate(json, otlp_json::kTraces);
}

Result<std::string> logs_json_to_protobuf(std::string_view json) {
  return translate(json, otlp_json::kLogs);
}

}  // namespace callscope::normalise
