// Collects the values of one column of one row group and encodes them as Parquet pages.
#pragma once

#include <zstd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "store/parquet/types.h"

namespace callscope::store::parquet {

struct WriterOptions {
  size_t page_rows_max = 2048;      // small pages: a trace lookup decodes one of each column
  size_t page_bytes_max = 1 << 20;  // of encoded values, before compression
  size_t dictionary_bytes_max = 1 << 20;
  int zstd_level = 2;
};

// zstd with its working memory kept between pages.
class Compressor {
 public:
  explicit Compressor(int level);
  void compress(std::string_view in, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

struct PageLocation {
  int64_t offset = 0;  // from the start of the chunk; the file writer adds where that is
  int32_t bytes = 0;   // with the page header
  int64_t first_row = 0;
};

// An encoded column chunk and what the footer says of it.
struct Chunk {
  std::string bytes;
  std::vector<PageLocation> pages;  // data pages only
  std::optional<int64_t> dictionary_offset;
  Encoding encoding = Encoding::kPlain;
  int64_t values = 0;  // rows, nulls too
  int64_t nulls = 0;
  int64_t uncompressed_bytes = 0;
  std::string min, max;  // PLAIN encoded; empty where not kept
};

class ColumnWriter {
 public:
  ColumnWriter(const Column& column, const WriterOptions& options, Compressor& compressor);

  void add_null();
  void add_int(int64_t value);             // kInt64, kInt32, kBoolean
  void add_bytes(std::string_view value);  // kByteArray, and kFixed of the right length

  int64_t rows() const { return chunk_.values; }

  // Ends the row group: hands out its chunk and starts over.
  Chunk finish();

 private:
  struct StringKey {
    size_t operator()(std::string_view text) const;
  };

  void add_code(std::string_view bytes);
  void add_int_code(int64_t value);
  void leave_dictionary();
  void add_plain(std::string_view bytes);
  void end_row();
  void end_page();
  void write_page(std::string_view values, Encoding encoding, size_t rows, size_t first_row);
  void write_coded_pages();

  const Column column_;
  const WriterOptions options_;
  Compressor& compressor_;

  Chunk chunk_;
  int64_t min_int_ = 0, max_int_ = 0;
  bool any_value_ = false;

  // Definition levels of the page under way (plain) or of the whole chunk (dictionary).
  std::vector<uint32_t> levels_;
  size_t page_rows_ = 0;
  std::string plain_;            // kPlain: values of the page under way
  std::vector<int64_t> deltas_;  // kDelta: values of the page under way

  bool by_code_ = false;
  std::vector<uint32_t> codes_;
  Arena arena_;
  std::unordered_map<std::string_view, uint32_t, StringKey> by_text_;
  std::unordered_map<int64_t, uint32_t> by_int_;
  std::vector<std::string_view> entries_;  // PLAIN bytes of each entry, without a length
  size_t dictionary_bytes_ = 0;
  size_t coded_bytes_ = 0;  // what the coded values would take as PLAIN
  std::string_view last_text_;
  uint32_t last_code_ = 0;

  std::string body_, packed_;  // scratch
};

}  // namespace callscope::store::parquet
