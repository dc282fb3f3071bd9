// The protobuf wire format: just enough to read and write OTLP without building message objects.
// Reader and Writer know nothing of any message; normalise/ has the field numbers.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace callscope::wire {

enum class Type : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// One field of a message. `bytes` is valid as long as the buffer that was read.
struct Field {
  uint32_t number = 0;
  Type type = Type::kVarint;
  uint64_t scalar = 0;     // varint, fixed64 and fixed32; 0 in a length-delimited field
  std::string_view bytes;  // length-delimited; empty in a scalar field
};

// Reads the fields of one message in order:
//
//   for (Reader r(bytes); r.next(field);) { … }
//   if (!r.ok()) …   // the bytes are not a protobuf message
//
// Groups, which proto3 lacks, are skipped as unknown fields.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  // False at the end of the message and at the first malformed field; ok() tells which.
  bool next(Field& field) {
    while (at_ != end_) {
      uint64_t tag;
      if (!varint(tag) || tag >> 3 == 0 || tag > 0xFFFFFFFFull) return fail();
      field.number = static_cast<uint32_t>(tag >> 3);
      field.type = static_cast<Type>(tag & 7);
      field.scalar = 0;
      field.bytes = {};
      switch (field.type) {
        case Type::kVarint:
          if (!varint(field.scalar)) return fail();
          return true;
        case Type::kFixed64:
          if (end_ - at_ < 8) return fail();
          std::memcpy(&field.scalar, at_, 8);
          at_ += 8;
          return true;
        case Type::kFixed32: {
          if (end_ - at_ < 4) return fail();
          uint32_t value;
          std::memcpy(&value, at_, 4);
          field.scalar = value;
          at_ += 4;
          return true;
        }
        case Type::kBytes: {
          uint64_t length;
          if (!varint(length) || length > static_cast<uint64_t>(end_ - at_)) return fail();
          field.bytes = {at_, static_cast<size_t>(length)};
          at_ += length;
          return true;
        }
        case Type::kGroup:
          if (!skip_group(field.number)) return fail();
          break;  // on to the field after the group
        default:
          return fail();
      }
    }
    return false;
  }

  bool ok() const { return ok_; }

 private:
  bool fail() {
    ok_ = false;
    at_ = end_;
    return false;
  }
  bool varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool skip_group(uint32_t number);

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline double as_double(uint64_t bits) { return std::bit_cast<double>(bits); }

// Appends fields to a string. Zero scalars and empty bytes are written too: leaving out defaults is
// the caller's choice.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void varint(uint64_t value);
  void field_varint(uint32_t number, uint64_t value);
  void field_fixed64(uint32_t number, uint64_t value);
  void field_fixed32(uint32_t number, uint32_t value);
  void field_double(uint32_t number, double value) {
    field_fixed64(number, std::bit_cast<uint64_t>(value));
  }
  void field_bytes(uint32_t number, std::string_view value);

  // A nested message: its bytes are written by `body`, its length in front once known.
  template <typename Body>
  void field_message(uint32_t number, Body body) {
    std::string nested;
    Writer writer(nested);
    body(writer);
    field_bytes(number, nested);
  }

 private:
  std::string& out_;
};

}  // namespace callscope::wire
