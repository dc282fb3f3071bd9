#include "store/parquet/writer.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/parquet/thrift.h"

namespace callscope::store::parquet {
namespace {

// From parquet.thrift.
constexpr int32_t kRequired = 0;
constexpr int32_t kOptional = 1;
constexpr int32_t kConvertedUtf8 = 0;
constexpr int32_t kConvertedJson = 19;
constexpr int16_t kLogicalString = 1;
constexpr int16_t kLogicalTimestamp = 8;
constexpr int16_t kLogicalJson = 12;
constexpr int16_t kUnitNanos = 3;

void write_column_schema(ThriftWriter& writer, const Column& column) {
  writer.begin_element();
  writer.i32(1, static_cast<int32_t>(column.physical));
  if (column.physical == Physical::kFixed) writer.i32(2, column.fixed_bytes);
  writer.i32(3, column.optional ? kOptional : kRequired);
  writer.binary(4, column.name);
  if (column.logical == Logical::kString) writer.i32(6, kConvertedUtf8);
  if (column.logical == Logical::kJson) writer.i32(6, kConvertedJson);
  if (column.logical != Logical::kNone) {
    writer.begin_struct(10);
    if (column.logical == Logical::kTimestampNs) {
      writer.begin_struct(kLogicalTimestamp);
      writer.boolean(1, true);  // UTC
      writer.begin_struct(2);
      writer.begin_struct(kUnitNanos);
      writer.end_struct();
      writer.end_struct();
      writer.end_struct();
    } else {
      writer.begin_struct(column.logical == Logical::kString ? kLogicalString : kLogicalJson);
      writer.end_struct();
    }
    writer.end_struct();
  }
  writer.end_struct();
}

void write_chunk(ThriftWriter& writer, const Column& column, const Chunk& chunk, int64_t offset,
                 int64_t size, std::pair<int64_t, int32_t> offset_index) {
  writer.begin_element();
  writer.i64(2, offset);
  writer.begin_struct(3);
  writer.i32(1, static_cast<int32_t>(column.physical));
  const bool coded = chunk.dictionary_offset.has_value();
  writer.begin_list(2, ThriftType::kI32, coded ? 3 : 2);
  writer.element_i32(static_cast<int32_t>(Encoding::kRle));
  writer.element_i32(static_cast<int32_t>(chunk.encoding));
  if (coded) writer.element_i32(static_cast<int32_t>(Encoding::kPlain));
  writer.begin_list(3, ThriftType::kBinary, 1);
  writer.element_binary(column.name);
  writer.i32(4, static_cast<int32_t>(chunk.codec));
  writer.i64(5, chunk.values);
  writer.i64(6, chunk.uncompressed_bytes);
  writer.i64(7, size);
  writer.i64(9, offset + (chunk.pages.empty() ? 0 : chunk.pages[0].offset));
  if (coded) writer.i64(11, offset + *chunk.dictionary_offset);
  writer.begin_struct(12);
  writer.i64(3, chunk.nulls);
  if (!chunk.min.empty()) {
    writer.binary(5, chunk.max);
    writer.binary(6, chunk.min);
  }
  writer.end_struct();
  writer.end_struct();
  writer.i64(4, offset_index.first);
  writer.i32(5, offset_index.second);
  writer.end_struct();
}

}  // namespace

Writer::Writer(File file, Schema schema, WriterOptions options)
    : file_(std::move(file)), schema_(std::move(schema)), compressor_(options.zstd_level) {
  for (const Column& column : schema_) {
    columns_.push_back(std::make_unique<ColumnWriter>(column, options, compressor_));
  }
}

Result<std::unique_ptr<Writer>> Writer::create(const std::filesystem::path& path, Schema schema,
                                               WriterOptions options) {
  File file = TRY(File::open(path, File::Mode::kCreate));
  auto writer = std::unique_ptr<Writer>(new Writer(std::move(file), std::move(schema), options));
  TRY(writer->append(kParquetMagic));
  return writer;
}

Result<void> Writer::append(std::string_view bytes) {
  TRY(file_.append(bytes));
  end_ += static_cast<int64_t>(bytes.size());
  return {};
}

Result<void> Writer::end_row_group() {
  if (columns_[0]->rows() == 0) return {};
  GroupMeta group;
  group.offset = end_;
  for (const auto& column : columns_) {
    Chunk chunk = column->finish();
    if (group.chunks.empty()) group.rows = chunk.values;
    CHECK(chunk.values == group.rows, "each row to add one value to each column");
    group.offsets.push_back(end_);
    group.sizes.push_back(static_cast<int64_t>(chunk.bytes.size()));
    TRY(append(chunk.bytes));
    chunk.bytes = {};
    group.chunks.push_back(std::move(chunk));
  }
  groups_.push_back(std::move(group));
  return {};
}

Result<void> Writer::add_section(const std::string& name, std::string_view bytes) {
  // Aligned, so that a reader may map it and read numbers in place.
  TRY(append(std::string(static_cast<size_t>((8 - end_ % 8) % 8), '\0')));
  sections_[name] = fmt::format("{}:{}", end_, bytes.size());
  return append(bytes);
}

Result<void> Writer::write_offset_indexes() {
  for (GroupMeta& group : groups_) {
    for (size_t i = 0; i < group.chunks.size(); ++i) {
      std::string index;
      ThriftWriter writer(index);
      writer.begin_list(1, ThriftType::kStruct, group.chunks[i].pages.size());
      for (const PageLocation& page : group.chunks[i].pages) {
        writer.begin_element();
        writer.i64(1, group.offsets[i] + page.offset);
        writer.i32(2, page.bytes);
        writer.i64(3, page.first_row);
        writer.end_struct();
      }
      writer.finish();
      group.offset_indexes.emplace_back(end_, static_cast<int32_t>(index.size()));
      TRY(append(index));
    }
  }
  return {};
}

std::string Writer::footer(const std::map<std::string, std::string>& metadata) const {
  std::string out;
  ThriftWriter writer(out);
  writer.i32(1, 2);  // format version
  writer.begin_list(2, ThriftType::kStruct, schema_.size() + 1);
  writer.begin_element();
  writer.binary(4, "schema");
  writer.i32(5, static_cast<int32_t>(schema_.size()));
  writer.end_struct();
  for (const Column& column : schema_) write_column_schema(writer, column);
  int64_t rows = 0;
  for (const GroupMeta& group : groups_) rows += group.rows;
  writer.i64(3, rows);
  writer.begin_list(4, ThriftType::kStruct, groups_.size());
  for (size_t g = 0; g < groups_.size(); ++g) {
    const GroupMeta& group = groups_[g];
    int64_t raw = 0;
    int64_t stored = 0;
    writer.begin_element();
    writer.begin_list(1, ThriftType::kStruct, group.chunks.size());
    for (size_t i = 0; i < group.chunks.size(); ++i) {
      write_chunk(writer, schema_[i], group.chunks[i], group.offsets[i], group.sizes[i],
                  group.offset_indexes[i]);
      raw += group.chunks[i].uncompressed_bytes;
      stored += group.sizes[i];
    }
    writer.i64(2, raw);
    writer.i64(3, group.rows);
    writer.i64(5, group.offset);
    writer.i64(6, stored);
    writer.i16(7, static_cast<int16_t>(g));
    writer.end_struct();
  }
  writer.begin_list(5, ThriftType::kStruct, metadata.size() + sections_.size());
  for (const auto* entries : {&metadata, &sections_}) {
    for (const auto& [key, value] : *entries) {
      writer.begin_element();
      writer.binary(1, key);
      writer.binary(2, value);
      writer.end_struct();
    }
  }
  writer.binary(6, "callscope");
  writer.begin_list(7, ThriftType::kStruct, schema_.size());
  for (size_t i = 0; i < schema_.size(); ++i) {
    writer.begin_element();
    writer.begin_struct(1);  // TypeDefinedOrder: min and max may be trusted
    writer.end_struct();
    writer.end_struct();
  }
  writer.finish();
  return out;
}

Result<uint64_t> Writer::finish(std::map<std::string, std::string> metadata) {
  TRY(write_offset_indexes());
  std::string tail = footer(metadata);
  const auto length = static_cast<uint32_t>(tail.size());
  tail.append(reinterpret_cast<const char*>(&length), 4);
  tail.append(kParquetMagic);
  TRY(append(tail));
  TRY(file_.sync());
  return static_cast<uint64_t>(end_);
}

}  // namespace callscope::store::parquet
