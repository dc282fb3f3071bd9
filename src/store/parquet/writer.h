// Writes one Parquet file, row group by row group.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "store/parquet/column_writer.h"
#include "store/parquet/types.h"

namespace callscope::store::parquet {

class Writer {
 public:
  // Creates `path`, which must not exist.
  static Result<std::unique_ptr<Writer>> create(const std::filesystem::path& path, Schema schema,
                                                WriterOptions options);

  // Every row adds one value or null to every column.
  ColumnWriter& column(size_t index) { return *columns_[index]; }

  Result<void> end_row_group();

  // Bytes of our own between the row groups and the footer; readers that do not know them never
  // look there. The footer's key-value metadata names them: "<name>" = "<offset>:<length>".
  Result<void> add_section(const std::string& name, std::string_view bytes);

  // Writes the footer and syncs the file. Returns its size in bytes.
  Result<uint64_t> finish(std::map<std::string, std::string> metadata);

 private:
  struct GroupMeta {
    int64_t rows = 0;
    int64_t offset = 0;
    std::vector<Chunk> chunks;  // without their bytes
    std::vector<int64_t> offsets;
    std::vector<int64_t> sizes;
    std::vector<std::pair<int64_t, int32_t>> offset_indexes;
  };

  Writer(File file, Schema schema, WriterOptions options);
  Result<void> append(std::string_view bytes);
  Result<void> write_offset_indexes();
  std::string footer(const std::map<std::string, std::string>& metadata) const;

  File file_;
  const Schema schema_;
  Compressor compressor_;
  std::vector<std::unique_ptr<ColumnWriter>> columns_;
  std::vector<GroupMeta> groups_;
  std::map<std::string, std::string> sections_;
  int64_t end_ = 0;
};

}  // namespace callscope::store::parquet
