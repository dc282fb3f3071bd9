// What a column of our Parquet files can be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callscope::store::parquet {

// Numbers as in parquet.thrift.
enum class Physical : int32_t { kBoolean = 0, kInt32 = 1, kInt64 = 2, kByteArray = 6, kFixed = 7 };
enum class Codec : int32_t { kNone = 0, kZstd = 6 };
enum class Encoding : int32_t { kPlain = 0, kRle = 3, kDelta = 5, kDictionary = 8 };

enum class Logical : uint8_t { kNone, kString, kJson, kTimestampNs };

struct Column {
  std::string name;
  Physical physical = Physical::kInt64;
  int32_t fixed_bytes = 0;  // of kFixed
  bool optional = false;
  // kDictionary falls back to kPlain in a row group whose values hardly repeat.
  Encoding encoding = Encoding::kPlain;
  Codec codec = Codec::kZstd;
  Logical logical = Logical::kNone;
  // In place of those of WriterOptions where they are set.
  size_t page_rows_max = 0;
  size_t page_bytes_max = 0;
};
using Schema = std::vector<Column>;

inline constexpr std::string_view kParquetMagic = "PAR1";

}  // namespace callscope::store::parquet
