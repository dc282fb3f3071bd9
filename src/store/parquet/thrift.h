// Thrift's compact protocol, as far as Parquet's metadata needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace callscope::store::parquet {

enum class ThriftType : uint8_t {
  kStop = 0,
  kTrue = 1,
  kFalse = 2,
  kI8 = 3,
  kI16 = 4,
  kI32 = 5,
  kI64 = 6,
  kDouble = 7,
  kBinary = 8,
  kList = 9,
  kSet = 10,
  kMap = 11,
  kStruct = 12,
};

// Writes one struct; nested structs are begun and ended in place. Fields go in rising order.
class ThriftWriter {
 public:
  explicit ThriftWriter(std::string& out) : out_(out) {}

  void i16(int16_t field, int16_t value);
  void i32(int16_t field, int32_t value);
  void i64(int16_t field, int64_t value);
  void boolean(int16_t field, bool value);
  void binary(int16_t field, std::string_view value);

  // A nested struct as a field: write its fields with the same writer, then end_struct().
  void begin_struct(int16_t field);
  void end_struct();

  // A list field of `size` elements: follow with that many element_* or begin_element/end_struct.
  void begin_list(int16_t field, ThriftType element, size_t size);
  void element_i32(int32_t value);
  void element_binary(std::string_view value);
  void begin_element();

  // Ends the outermost struct.
  void finish() { out_.push_back(0); }

 private:
  void header(int16_t field, ThriftType type);
  void varint(uint64_t value);

  static constexpr int kDepthMax = 16;
  std::string& out_;
  int16_t last_field_[kDepthMax] = {};
  int depth_ = 0;
};

// Reads one struct field by field:
//
//   for (ThriftReader::Field f; reader.next(f);) switch (f.id) { case 1: x = reader.i64(); …
//   default: reader.skip(f.type); }
//
// Any malformed input makes ok() false and every further read return zero or nothing.
class ThriftReader {
 public:
  struct Field {
    int16_t id = 0;
    ThriftType type = ThriftType::kStop;
  };

  explicit ThriftReader(std::string_view bytes) : bytes_(bytes) {}

  bool next(Field& field);  // false at the end of the struct
  int64_t i64();            // i16, i32 and i64 alike
  std::string_view binary();
  void begin_struct();
  void end_struct();  // after next() returned false
  size_t begin_list(ThriftType& element);
  void skip(ThriftType type);

  bool ok() const { return ok_; }
  size_t consumed() const { return at_; }

 private:
  uint64_t varint();
  uint8_t byte();
  void fail();

  static constexpr int kDepthMax = 16;
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
  int16_t last_field_[kDepthMax] = {};
  int depth_ = 0;
};

}  // namespace callscope::store::parquet
