#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "store/parquet/encoding.h"
#include "store/parquet/reader.h"
#include "store/parquet/thrift.h"

namespace callscope::store::parquet {
namespace {

// A page that claims to be larger than this once decompressed is damaged: ours hold at most one
// value beyond WriterOptions::page_bytes_max, and a value is at most a request.
constexpr int64_t kPageBytesMax = int64_t{1} << 30;

struct PageHeader {
  int64_t uncompressed = 0;
  int64_t compressed = 0;
  std::optional<int32_t> checksum;
  int32_t values = 0;
  Encoding encoding = Encoding::kPlain;
};

bool read_header(std::string_view bytes, PageHeader& header, size_t& consumed) {
  ThriftReader in(bytes);
  for (ThriftReader::Field field; in.next(field);) {
    switch (field.id) {
      case 2:
        header.uncompressed = in.i64();
        break;
      case 3:
        header.compressed = in.i64();
        break;
      case 4:
        header.checksum = static_cast<int32_t>(in.i64());
        break;
      case 5:
      case 7:
        in.begin_struct();
        for (ThriftReader::Field inner; in.next(inner);) {
          if (inner.id == 1) {
            header.values = static_cast<int32_t>(in.i64());
          } else if (inner.id == 2) {
            header.encoding = static_cast<Encoding>(in.i64());
          } else {
            in.skip(inner.type);
          }
        }
        in.end_struct();
        break;
      default:
        in.skip(field.type);
    }
  }
  consumed = in.consumed();
  return in.ok() && header.uncompressed >= 0 && header.compressed >= 0 && header.values >= 0 &&
         header.uncompressed <= kPageBytesMax;
}

}  // namespace

ColumnCursor::ColumnCursor(const Reader& reader, size_t column, Pages pages)
    : reader_(reader), index_(column), column_(reader.schema()[column]), which_(pages) {}

Error ColumnCursor::damaged(std::string_view what) const {
  return {ErrorCode::kDataLoss, fmt::format("damaged segment {}: column {}: {}",
                                            reader_.path().string(), column_.name, what)};
}

Result<void> ColumnCursor::load(int64_t row) {
  const auto& groups = reader_.row_groups();
  if (!group_ || row < groups[*group_].first_row ||
      row >= groups[*group_].first_row + groups[*group_].rows) {
    const auto it = std::upper_bound(groups.begin(), groups.end(), row,
                                     [](int64_t r, const RowGroup& g) { return r < g.first_row; });
    if (it == groups.begin() || row >= reader_.rows()) return damaged("no such row");
    TRY(load_group(static_cast<size_t>(it - groups.begin()) - 1));
    if (is_constant_) return {};
  }
  const int64_t in_group = row - groups[*group_].first_row;
  const auto page =
      std::upper_bound(pages_.begin(), pages_.end(), in_group,
                       [](int64_t r, const PageLocation& p) { return r < p.first_row; });
  if (page == pages_.begin()) return damaged("its offset index does not start at row 0");
  TRY(load_page(static_cast<size_t>(page - pages_.begin()) - 1));
  if (row >= page_first_ + page_rows_) return damaged("a page has fewer rows than its index says");
  return {};
}

Result<void> ColumnCursor::load_group(size_t group) {
  group_.reset();
  page_rows_ = 0;
  is_constant_ = false;
  by_code_ = false;
  values_ready_ = kAllReady;
  const RowGroup& rows = reader_.row_groups()[group];
  const ChunkLocation& chunk = rows.chunks[index_];
  const auto set_constant = [&](int32_t index) {
    is_constant_ = true;
    constant_index_ = index;
    page_first_ = rows.first_row;
    page_rows_ = rows.rows;
    group_ = group;
  };
  if (which_ == Pages::kNeeded && column_.optional && chunk.nulls == rows.rows) {
    set_constant(-1);
    return {};
  }
  if (which_ == Pages::kNeeded && !is_text() && chunk.only) {
    integers_ = {*chunk.only};
    set_constant(0);
    return {};
  }
  codec_ = chunk.codec;
  const auto offset = static_cast<uint64_t>(chunk.offset_index_offset);
  const auto length = static_cast<uint64_t>(chunk.offset_index_length);
  const std::string_view all = reader_.bytes();
  if (offset > all.size() || length > all.size() - offset) return damaged("no offset index");
  ThriftReader in(all.substr(offset, length));
  pages_.clear();
  for (ThriftReader::Field field; in.next(field);) {
    if (field.id != 1) {
      in.skip(field.type);
      continue;
    }
    ThriftType element;
    for (size_t n = in.begin_list(element); n > 0 && in.ok(); --n) {
      PageLocation& page = pages_.emplace_back();
      in.begin_struct();
      for (ThriftReader::Field part; in.next(part);) {
        const int64_t value = in.i64();
        if (part.id == 1) page.offset = value;
        if (part.id == 2) page.bytes = static_cast<int32_t>(value);
        if (part.id == 3) page.first_row = value;
      }
      in.end_struct();
    }
  }
  if (!in.ok() || pages_.empty()) return damaged("its offset index can't be read");
  dictionary_integers_.clear();
  dictionary_texts_.clear();
  const auto read_dictionary = [&]() -> Result<void> {
    int32_t values;
    Encoding encoding;
    dictionary_page_ = TRY(open_page(*chunk.dictionary_offset, values, encoding));
    const std::string_view body = dictionary_page_.first(dictionary_page_.size());
    if (!dictionary_page_.is_whole()) return damaged("its dictionary does not decompress");
    return decode_plain(body, static_cast<size_t>(values), dictionary_integers_, dictionary_texts_);
  };
  if (chunk.dictionary_offset) {
    TRY(read_dictionary());
    const bool has_one_value = dictionary_integers_.size() + dictionary_texts_.size() == 1;
    if (which_ == Pages::kNeeded && !column_.optional && has_one_value) {
      integers_ = dictionary_integers_;
      texts_ = dictionary_texts_;
      set_constant(0);
      return {};
    }
  }
  group_ = group;
  return {};
}

Result<PageBytes> ColumnCursor::open_page(int64_t offset, int32_t& values,
                                          Encoding& encoding) const {
  const std::string_view all = reader_.bytes();
  if (offset < 0 || static_cast<uint64_t>(offset) >= all.size())
    return damaged("a page outside the file");
  const std::string_view at = all.substr(static_cast<size_t>(offset));
  PageHeader header;
  size_t consumed = 0;
  if (!read_header(at, header, consumed) ||
      static_cast<uint64_t>(header.compressed) > at.size() - consumed) {
    return damaged("a page header can't be read");
  }
  const std::string_view stored = at.substr(consumed, static_cast<size_t>(header.compressed));
  if (header.checksum && *header.checksum != static_cast<int32_t>(::crc32(
                                                 0, reinterpret_cast<const Bytef*>(stored.data()),
                                                 static_cast<uInt>(stored.size())))) {
    return damaged(fmt::format("checksum mismatch of the page at byte {}", offset));
  }
  values = header.values;
  encoding = header.encoding;
  return PageBytes(stored, static_cast<size_t>(header.uncompressed), codec_);
}

Result<void> ColumnCursor::load_page(size_t page) {
  page_rows_ = 0;
  int32_t rows;
  Encoding encoding;
  page_ = TRY(open_page(pages_[page].offset, rows, encoding));
  if (rows > reader_.row_groups()[*group_].rows) return damaged("a page longer than its row group");
  const auto count = static_cast<size_t>(rows);
  value_of_row_.clear();
  size_t values = count;
  size_t start = 0;  // of the values
  if (column_.optional) {
    uint32_t length;
    if (page_.first(sizeof length).empty()) return damaged("a page without levels");
    std::memcpy(&length, page_.first(sizeof length).data(), sizeof length);
    start = sizeof length + length;
    if (page_.first(start).empty() ||
        !decode_rle(page_.first(start).substr(sizeof length, length), 1, count, levels_)) {
      return damaged("definition levels can't be read");
    }
    int32_t next = 0;
    value_of_row_.resize(count);
    for (size_t i = 0; i < count; ++i) value_of_row_[i] = levels_[i] != 0 ? next++ : -1;
    values = static_cast<size_t>(next);
  }
  integers_.clear();
  texts_.clear();
  by_code_ = encoding == Encoding::kDictionary;
  values_ready_ = kAllReady;
  page_first_ = reader_.row_groups()[*group_].first_row + pages_[page].first_row;
  if (encoding == Encoding::kPlain && column_.physical == Physical::kByteArray) {
    values_ready_ = 0;
    texts_end_ = start;
    if (which_ == Pages::kAll && values > 0) TRY(read_texts(static_cast<int32_t>(values) - 1));
    page_rows_ = rows;
    return {};
  }
  std::string_view body = page_.first(page_.size());
  if (!page_.is_whole()) return damaged("a page does not decompress");
  body.remove_prefix(start);
  if (by_code_) {
    if (body.empty() ||
        !decode_rle(body.substr(1), static_cast<uint8_t>(body[0]), values, codes_)) {
      return damaged("dictionary codes can't be read");
    }
    const size_t entries = is_text() ? dictionary_texts_.size() : dictionary_integers_.size();
    uint32_t most = 0;
    for (const uint32_t code : codes_) most = std::max(most, code);
    if (!codes_.empty() && most >= entries) return damaged("a code outside the dictionary");
  } else if (encoding == Encoding::kDelta) {
    if (!decode_delta(body, values, integers_))
      return damaged("delta encoded values can't be read");
  } else {
    TRY(decode_plain(body, values, integers_, texts_));
  }
  page_rows_ = rows;
  return {};
}

Result<void> ColumnCursor::read_texts(int32_t last) {
  while (values_ready_ <= last) {
    uint32_t length;
    std::string_view bytes = page_.first(texts_end_ + sizeof length);
    if (bytes.empty()) return damaged("too few texts in a page, or it does not decompress");
    std::memcpy(&length, bytes.data() + texts_end_, sizeof length);
    texts_end_ += sizeof length;
    bytes = page_.first(texts_end_ + length);
    if (bytes.empty()) return damaged("a text longer than its page, or it does not decompress");
    texts_.push_back(bytes.substr(texts_end_, length));
    texts_end_ += length;
    ++values_ready_;
  }
  return {};
}

Result<void> ColumnCursor::decode_plain(std::string_view body, size_t count,
                                        std::vector<int64_t>& integers,
                                        std::vector<std::string_view>& texts) const {
  const auto need = [&](size_t bytes) { return body.size() >= bytes; };
  switch (column_.physical) {
    case Physical::kBoolean:
      if (!need((count + 7) / 8)) return damaged("too few booleans");
      integers.resize(count);
      for (size_t i = 0; i < count; ++i) integers[i] = body[i / 8] >> (i % 8) & 1;
      return {};
    case Physical::kInt32:
      if (!need(count * 4)) return damaged("too few numbers");
      for (size_t i = 0; i < count; ++i) {
        int32_t value;
        std::memcpy(&value, body.data() + i * 4, 4);
        integers.push_back(value);
      }
      return {};
    case Physical::kInt64:
      if (!need(count * 8)) return damaged("too few numbers");
      integers.resize(count);
      if (count > 0) std::memcpy(integers.data(), body.data(), count * 8);
      return {};
    case Physical::kFixed: {
      const auto size = static_cast<size_t>(column_.fixed_bytes);
      if (!need(count * size)) return damaged("too few values");
      for (size_t i = 0; i < count; ++i) texts.push_back(body.substr(i * size, size));
      return {};
    }
    case Physical::kByteArray:
      texts.reserve(count);
      for (size_t i = 0; i < count; ++i) {
        uint32_t length;
        if (!need(4)) return damaged("too few texts");
        std::memcpy(&length, body.data(), 4);
        body.remove_prefix(4);
        if (!need(length)) return damaged("a text longer than its page");
        texts.push_back(body.substr(0, length));
        body.remove_prefix(length);
      }
      return {};
  }
  return damaged("an unknown type");
}

}  // namespace callscope::store::parquet
