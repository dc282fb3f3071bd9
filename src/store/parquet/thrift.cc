#include "store/parquet/thrift.h"

#include "base/check.h"

namespace callscope::store::parquet {
namespace {

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace

void ThriftWriter::varint(uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

void ThriftWriter::header(int16_t field, ThriftType type) {
  const int delta = field - last_field_[depth_];
  CHECK(delta > 0, "fields in rising order");
  if (delta <= 15) {
    out_.push_back(static_cast<char>(delta << 4 | static_cast<int>(type)));
  } else {
    out_.push_back(static_cast<char>(type));
    varint(zigzag(field));
  }
  last_field_[depth_] = field;
}

void ThriftWriter::i16(int16_t field, int16_t value) {
  header(field, ThriftType::kI16);
  varint(zigzag(value));
}

void ThriftWriter::i32(int16_t field, int32_t value) {
  header(field, ThriftType::kI32);
  varint(zigzag(value));
}

void ThriftWriter::i64(int16_t field, int64_t value) {
  header(field, ThriftType::kI64);
  varint(zigzag(value));
}

void ThriftWriter::boolean(int16_t field, bool value) {
  header(field, value ? ThriftType::kTrue : ThriftType::kFalse);
}

void ThriftWriter::binary(int16_t field, std::string_view value) {
  header(field, ThriftType::kBinary);
  element_binary(value);
}

void ThriftWriter::begin_struct(int16_t field) {
  header(field, ThriftType::kStruct);
  begin_element();
}

void ThriftWriter::begin_element() {
  CHECK(depth_ + 1 < kDepthMax, "Parquet metadata nests a few levels");
  last_field_[++depth_] = 0;
}

void ThriftWriter::end_struct() {
  out_.push_back(0);
  --depth_;
}

void ThriftWriter::begin_list(int16_t field, ThriftType element, size_t size) {
  header(field, ThriftType::kList);
  if (size < 15) {
    out_.push_back(static_cast<char>(size << 4 | static_cast<size_t>(element)));
  } else {
    out_.push_back(static_cast<char>(0xF0 | static_cast<int>(element)));
    varint(size);
  }
}

void ThriftWriter::element_i32(int32_t value) { varint(zigzag(value)); }

void ThriftWriter::element_binary(std::string_view value) {
  varint(value.size());
  out_.append(value);
}

void ThriftReader::fail() {
  ok_ = false;
  at_ = bytes_.size();
}

uint8_t ThriftReader::byte() {
  if (at_ >= bytes_.size()) {
    fail();
    return 0;
  }
  return static_cast<uint8_t>(bytes_[at_++]);
}

uint64_t ThriftReader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t b = byte();
    value |= static_cast<uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) return value;
  }
  fail();
  return 0;
}

bool ThriftReader::next(Field& field) {
  const uint8_t head = byte();
  field.type = static_cast<ThriftType>(head & 0x0F);
  if (!ok_ || field.type == ThriftType::kStop) return false;
  const int delta = head >> 4;
  field.id = delta != 0 ? static_cast<int16_t>(last_field_[depth_] + delta)
                        : static_cast<int16_t>(unzigzag(varint()));
  last_field_[depth_] = field.id;
  return ok_;
}

int64_t ThriftReader::i64() { return unzigzag(varint()); }

std::string_view ThriftReader::binary() {
  const uint64_t size = varint();
  if (size > bytes_.size() - at_) {
    fail();
    return {};
  }
  const std::string_view value = bytes_.substr(at_, size);
  at_ += size;
  return value;
}

void ThriftReader::begin_struct() {
  if (depth_ + 1 >= kDepthMax) return fail();
  last_field_[++depth_] = 0;
}

void ThriftReader::end_struct() {
  if (depth_ == 0) return fail();
  --depth_;
}

size_t ThriftReader::begin_list(ThriftType& element) {
  const uint8_t head = byte();
  element = static_cast<ThriftType>(head & 0x0F);
  const uint64_t size = (head >> 4) == 15 ? varint() : static_cast<uint64_t>(head >> 4);
  // Each element takes at least a byte, so a longer list is a lie.
  if (size > bytes_.size() - at_) {
    fail();
    return 0;
  }
  return size;
}

void ThriftReader::skip(ThriftType type) {
  switch (type) {
    case ThriftType::kTrue:
    case ThriftType::kFalse:
      return;
    case ThriftType::kI8:
      byte();
      return;
    case ThriftType::kI16:
    case ThriftType::kI32:
    case ThriftType::kI64:
      varint();
      return;
    case ThriftType::kDouble:
      for (int i = 0; i < 8; ++i) byte();
      return;
    case ThriftType::kBinary:
      binary();
      return;
    case ThriftType::kList:
    case ThriftType::kSet: {
      ThriftType element;
      for (size_t n = begin_list(element); n > 0 && ok_; --n) skip(element);
      return;
    }
    case ThriftType::kStruct: {
      begin_struct();
      for (Field field; ok_ && next(field);) skip(field.type);
      if (ok_) end_struct();
      return;
    }
    default:
      fail();
  }
}

}  // namespace callscope::store::parquet
