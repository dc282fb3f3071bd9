#include "base/wire.h"

namespace callscope::wire {

bool Reader::skip_group(uint32_t number) {
  // Depth is bounded so that hostile nesting can't exhaust anything.
  constexpr int kDepthMax = 64;
  uint32_t open[kDepthMax];
  int depth = 0;
  open[depth++] = number;
  while (depth > 0) {
    uint64_t tag;
    if (at_ == end_ || !varint(tag)) return false;
    const auto field = static_cast<uint32_t>(tag >> 3);
    uint64_t scalar;
    switch (static_cast<Type>(tag & 7)) {
      case Type::kVarint:
        if (!varint(scalar)) return false;
        break;
      case Type::kFixed64:
        if (end_ - at_ < 8) return false;
        at_ += 8;
        break;
      case Type::kFixed32:
        if (end_ - at_ < 4) return false;
        at_ += 4;
        break;
      case Type::kBytes:
        if (!varint(scalar) || scalar > static_cast<uint64_t>(end_ - at_)) return false;
        at_ += scalar;
        break;
      case Type::kGroup:
        if (depth == kDepthMax) return false;
        open[depth++] = field;
        break;
      case Type::kEndGroup:
        if (open[--depth] != field) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

void Writer::varint(uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

void Writer::field_varint(uint32_t number, uint64_t value) {
  varint(uint64_t{number} << 3 | static_cast<uint64_t>(Type::kVarint));
  varint(value);
}

void Writer::field_fixed64(uint32_t number, uint64_t value) {
  varint(uint64_t{number} << 3 | static_cast<uint64_t>(Type::kFixed64));
  out_.append(reinterpret_cast<const char*>(&value), 8);
}

void Writer::field_fixed32(uint32_t number, uint32_t value) {
  varint(uint64_t{number} << 3 | static_cast<uint64_t>(Type::kFixed32));
  out_.append(reinterpret_cast<const char*>(&value), 4);
}

void Writer::field_bytes(uint32_t number, std::string_view value) {
  varint(uint64_t{number} << 3 | static_cast<uint64_t>(Type::kBytes));
  varint(value.size());
  out_.append(value);
}

}  // namespace callscope::wire
