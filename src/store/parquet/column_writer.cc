#include "store/parquet/column_writer.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "store/parquet/encoding.h"
#include "store/parquet/thrift.h"

namespace callscope::store::parquet {
namespace {

constexpr int32_t kDataPage = 0;
constexpr int32_t kDictionaryPage = 2;

int32_t page_checksum(std::string_view bytes) {
  return static_cast<int32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string page_header(int32_t type, size_t uncompressed, std::string_view body, size_t values,
                        Encoding encoding) {
  std::string out;
  ThriftWriter writer(out);
  writer.i32(1, type);
  writer.i32(2, static_cast<int32_t>(uncompressed));
  writer.i32(3, static_cast<int32_t>(body.size()));
  writer.i32(4, page_checksum(body));
  writer.begin_struct(type == kDataPage ? 5 : 7);
  writer.i32(1, static_cast<int32_t>(values));
  writer.i32(2, static_cast<int32_t>(encoding));
  if (type == kDataPage) {
    writer.i32(3, static_cast<int32_t>(Encoding::kRle));
    writer.i32(4, static_cast<int32_t>(Encoding::kRle));
  }
  writer.end_struct();
  writer.finish();
  return out;
}

void put_length(std::string& out, size_t length) {
  const auto value = static_cast<uint32_t>(length);
  out.append(reinterpret_cast<const char*>(&value), 4);
}

std::string plain_bytes(Physical physical, int64_t value) {
  std::string out;
  if (physical == Physical::kInt64) {
    out.append(reinterpret_cast<const char*>(&value), 8);
  } else {
    const auto narrow = static_cast<int32_t>(value);
    out.append(reinterpret_cast<const char*>(&narrow), 4);
  }
  return out;
}

}  // namespace

Compressor::Compressor(int level) : context_(ZSTD_createCCtx()) {
  CHECK(context_ != nullptr, "memory for a zstd context");
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
}

void Compressor::compress(std::string_view in, std::string& out) {
  out.resize(ZSTD_compressBound(in.size()));
  const size_t size = ZSTD_compress2(context_.get(), out.data(), out.size(), in.data(), in.size());
  CHECK(!ZSTD_isError(size), "zstd to compress into a buffer of its own bound");
  out.resize(size);
}

size_t ColumnWriter::StringKey::operator()(std::string_view text) const {
  return std::hash<std::string_view>{}(text);
}

ColumnWriter::ColumnWriter(const Column& column, const WriterOptions& options,
                           Compressor& compressor)
    : column_(column),
      options_(options),
      compressor_(compressor),
      by_code_(column.encoding == Encoding::kDictionary) {}

void ColumnWriter::add_null() {
  CHECK(column_.optional, "no null in a required column");
  levels_.push_back(0);
  ++chunk_.nulls;
  end_row();
}

void ColumnWriter::add_int(int64_t value) {
  if (column_.optional) levels_.push_back(1);
  min_int_ = any_value_ ? std::min(min_int_, value) : value;
  max_int_ = any_value_ ? std::max(max_int_, value) : value;
  any_value_ = true;
  if (by_code_) {
    add_int_code(value);
  } else if (column_.encoding == Encoding::kDelta) {
    deltas_.push_back(value);
  } else if (column_.physical == Physical::kBoolean) {
    plain_.push_back(value != 0 ? 1 : 0);  // packed to bits when the page ends
  } else {
    plain_.append(plain_bytes(column_.physical, value));
  }
  end_row();
}

void ColumnWriter::add_bytes(std::string_view value) {
  if (column_.physical == Physical::kFixed) {
    CHECK(value.size() == static_cast<size_t>(column_.fixed_bytes), "a value of the fixed length");
    if (chunk_.min.empty() || value < chunk_.min) chunk_.min = value;
    if (chunk_.max.empty() || value > chunk_.max) chunk_.max = value;
  }
  if (column_.optional) levels_.push_back(1);
  if (by_code_) {
    add_code(value);
  } else {
    add_plain(value);
  }
  end_row();
}

void ColumnWriter::add_plain(std::string_view bytes) {
  if (column_.physical == Physical::kByteArray) put_length(plain_, bytes.size());
  plain_.append(bytes);
}

void ColumnWriter::add_code(std::string_view bytes) {
  coded_bytes_ += bytes.size() + 4;
  // Neighbours are often equal, and often the very same bytes in memory.
  if (!codes_.empty() && bytes == last_text_) {
    codes_.push_back(last_code_);
    return;
  }
  auto it = by_text_.find(bytes);
  if (it == by_text_.end()) {
    const std::string_view kept = arena_.copy(bytes);
    it = by_text_.emplace(kept, static_cast<uint32_t>(entries_.size())).first;
    entries_.push_back(kept);
    dictionary_bytes_ += bytes.size() + 4;
  }
  last_text_ = it->first;
  last_code_ = it->second;
  codes_.push_back(it->second);
  if (dictionary_bytes_ > options_.dictionary_bytes_max) leave_dictionary();
}

void ColumnWriter::add_int_code(int64_t value) {
  const auto [it, fresh] = by_int_.emplace(value, static_cast<uint32_t>(entries_.size()));
  if (fresh) {
    entries_.push_back(arena_.copy(plain_bytes(column_.physical, value)));
    dictionary_bytes_ += entries_.back().size();
  }
  coded_bytes_ += entries_.back().size();
  codes_.push_back(it->second);
  if (dictionary_bytes_ > options_.dictionary_bytes_max) leave_dictionary();
}

// Turns what was coded so far into PLAIN pages; the rest of the row group follows as PLAIN.
void ColumnWriter::leave_dictionary() {
  by_code_ = false;
  std::vector<uint32_t> levels = std::move(levels_);
  const std::vector<uint32_t> codes = std::move(codes_);
  levels_.clear();
  codes_.clear();
  const size_t rows = column_.optional ? levels.size() : codes.size();
  chunk_.values = 0;
  // The row that asked for this has not ended yet: its end_row() comes from the caller.
  size_t next = 0;
  for (size_t row = 0; row < rows; ++row) {
    if (column_.optional) levels_.push_back(levels[row]);
    if (!column_.optional || levels[row] != 0) {
      const std::string_view entry = entries_[codes[next++]];
      if (column_.physical == Physical::kByteArray) put_length(plain_, entry.size());
      plain_.append(entry);
    }
    if (row + 1 < rows) end_row();
  }
  by_text_.clear();
  by_int_.clear();
  entries_.clear();
  arena_.clear();
  last_text_ = {};
}

void ColumnWriter::end_row() {
  ++chunk_.values;
  if (by_code_) return;
  ++page_rows_;
  if (page_rows_ >= options_.page_rows_max ||
      plain_.size() + deltas_.size() * 8 >= options_.page_bytes_max) {
    end_page();
  }
}

void ColumnWriter::end_page() {
  if (page_rows_ == 0) return;
  body_.clear();
  if (column_.optional) {
    std::string levels;
    encode_rle(levels_, 1, levels);
    put_length(body_, levels.size());
    body_.append(levels);
  }
  if (column_.encoding == Encoding::kDelta) {
    encode_delta(deltas_, body_);
  } else if (column_.physical == Physical::kBoolean) {
    const size_t start = body_.size();
    body_.resize(start + (plain_.size() + 7) / 8, '\0');
    for (size_t i = 0; i < plain_.size(); ++i) {
      if (plain_[i] != 0)
        body_[start + i / 8] = static_cast<char>(body_[start + i / 8] | 1 << i % 8);
    }
  } else {
    body_.append(plain_);
  }
  write_page(body_, column_.encoding == Encoding::kDelta ? Encoding::kDelta : Encoding::kPlain,
             page_rows_, static_cast<size_t>(chunk_.values) - page_rows_);
  levels_.clear();
  plain_.clear();
  deltas_.clear();
  page_rows_ = 0;
}

void ColumnWriter::write_page(std::string_view body, Encoding encoding, size_t rows,
                              size_t first_row) {
  std::string_view stored = body;
  if (column_.codec == Codec::kZstd) {
    compressor_.compress(body, packed_);
    stored = packed_;
  }
  const std::string header = page_header(kDataPage, body.size(), stored, rows, encoding);
  chunk_.pages.push_back({static_cast<int64_t>(chunk_.bytes.size()),
                          static_cast<int32_t>(header.size() + stored.size()),
                          static_cast<int64_t>(first_row)});
  chunk_.bytes.append(header).append(stored);
  chunk_.uncompressed_bytes += static_cast<int64_t>(header.size() + body.size());
  chunk_.encoding = encoding;
}

void ColumnWriter::write_coded_pages() {
  std::string dictionary;
  for (std::string_view entry : entries_) {
    if (column_.physical == Physical::kByteArray) put_length(dictionary, entry.size());
    dictionary.append(entry);
  }
  std::string_view stored = dictionary;
  if (column_.codec == Codec::kZstd) {
    compressor_.compress(dictionary, packed_);
    stored = packed_;
  }
  const std::string header =
      page_header(kDictionaryPage, dictionary.size(), stored, entries_.size(), Encoding::kPlain);
  chunk_.dictionary_offset = 0;
  chunk_.bytes.append(header).append(stored);
  chunk_.uncompressed_bytes += static_cast<int64_t>(header.size() + dictionary.size());

  const int width = entries_.empty() ? 0 : bit_width(static_cast<uint32_t>(entries_.size() - 1));
  const auto rows = static_cast<size_t>(chunk_.values);
  size_t next_code = 0;
  for (size_t first = 0; first < rows; first += options_.page_rows_max) {
    const size_t n = std::min(options_.page_rows_max, rows - first);
    size_t codes = n;
    body_.clear();
    if (column_.optional) {
      const std::span<const uint32_t> levels(levels_.data() + first, n);
      codes = static_cast<size_t>(std::count(levels.begin(), levels.end(), 1u));
      std::string encoded;
      encode_rle(levels, 1, encoded);
      put_length(body_, encoded.size());
      body_.append(encoded);
    }
    body_.push_back(static_cast<char>(width));
    encode_rle(std::span<const uint32_t>(codes_.data() + next_code, codes), width, body_);
    next_code += codes;
    write_page(body_, Encoding::kDictionary, n, first);
  }
}

Chunk ColumnWriter::finish() {
  // A dictionary that is hardly smaller than the values only costs a detour.
  if (by_code_ && dictionary_bytes_ * 4 > coded_bytes_ * 3 && entries_.size() > 64) {
    leave_dictionary();
    ++page_rows_;  // leave_dictionary() expects its caller to end the last row
    ++chunk_.values;
  }
  if (by_code_) {
    write_coded_pages();
  } else {
    end_page();
  }
  if (any_value_ && column_.physical != Physical::kBoolean) {
    chunk_.min = plain_bytes(column_.physical, min_int_);
    chunk_.max = plain_bytes(column_.physical, max_int_);
  }
  Chunk out = std::move(chunk_);
  chunk_ = {};
  any_value_ = false;
  levels_.clear();
  codes_.clear();
  by_text_.clear();
  by_int_.clear();
  entries_.clear();
  arena_.clear();
  last_text_ = {};
  dictionary_bytes_ = 0;
  coded_bytes_ = 0;
  by_code_ = column_.encoding == Encoding::kDictionary;
  return out;
}

}  // namespace callscope::store::parquet
