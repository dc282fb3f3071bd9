// Collects the values of one column of one row group and encodes them as Parquet pages.
#pragma once

#include <zstd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "store/parquet/types.h"

namespace callscope::store::parquet {

struct WriterOptions {
  size_t page_rows_max = 2048;        // small pages: a trace lookup decodes one of each column
  size_t page_bytes_max = 192 << 10;  // of encoded values, before compression
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
  Codec codec = Codec::kNone;
  int64_t values = 0;  // rows, nulls too
  int64_t nulls = 0;
  int64_t uncompressed_bytes = 0;
  std::string min, max;  // PLAIN encoded; empty where not kept
};

// The distinct values of a chunk, numbered in the order in which they came.
class Dictionary {
 public:
  uint32_t code_of(std::string_view value);  // adds it where it is new
  const std::vector<std::string_view>& entries() const { return entries_; }
  size_t bytes() const { return bytes_; }  // as PLAIN texts
  void clear();

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  void grow();

  Arena arena_;
  std::vector<std::string_view> entries_;
  std::vector<uint64_t> hashes_;  // of the entries
  std::vector<uint32_t> slots_;   // codes by hash, open addressing
  size_t bytes_ = 0;
};

class ColumnWriter {
 public:
  ColumnWriter(const Column& column, const WriterOptions& options, Compressor& compressor);

  // The texts of the rows from here to end_rows() all live at once: where two of them lie at the
  // same place in memory, they are the same.
  void begin_rows() {
    is_steady_ = true;
    ++batch_;
  }
  void end_rows() { is_steady_ = false; }

  void add_null();
  void add_int(int64_t value);             // kInt64, kInt32, kBoolean
  void add_bytes(std::string_view value);  // kByteArray, and kFixed of the right length

  int64_t rows() const { return chunk_.values; }

  // Ends the row group: hands out its chunk and starts over.
  Chunk finish();

 private:
  enum class PageType : int32_t { kData = 0, kDictionary = 2 };
  struct Page {
    PageType type = PageType::kData;
    std::string body;
    Encoding encoding = Encoding::kPlain;
    size_t values = 0;
    size_t first_row = 0;
  };

  void add_code(std::string_view bytes);
  void add_int_code(int64_t value);
  void push_code(uint32_t code);
  void leave_dictionary();
  void add_plain(std::string_view bytes);
  void end_row();
  void end_page();
  void add_page(PageType type, std::string_view body, Encoding encoding, size_t values,
                size_t first_row);
  void write_page(PageType type, std::string_view body, Encoding encoding, size_t values,
                  size_t first_row);
  void write_held_pages();
  void write_coded_pages();

  const Column column_;
  const WriterOptions options_;
  const size_t page_rows_max_;
  const size_t page_bytes_max_;
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
  Dictionary dictionary_;   // PLAIN bytes of each entry, without a length
  size_t coded_bytes_ = 0;  // what the coded values would take as PLAIN
  // While is_steady_, the codes of texts by where they lie in memory.
  struct Place {
    std::string_view text;
    uint32_t code = 0;
    uint32_t batch = 0;  // of begin_rows() in which this was noted
  };
  bool is_steady_ = false;
  uint32_t batch_ = 0;
  std::array<Place, 64> places_;
  int64_t last_int_ = 0;
  uint32_t last_code_ = 0;

  // Pages of a chunk that is so small as yet that compressing it would only cost time.
  std::vector<Page> held_;
  size_t held_bytes_ = 0;

  std::string body_, packed_;  // scratch
};

}  // namespace callscope::store::parquet
