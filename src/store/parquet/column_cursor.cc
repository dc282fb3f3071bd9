#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

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
    const std::string_view body =
        TRY(page_body(*chunk.dictionary_offset, dictionary_scratch_, values, encoding));
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

Result<std::string_view> ColumnCursor::page_body(int64_t offset, Buffer& scratch, int32_t& values,
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
  if (codec_ == Codec::kNone) return stored;
  const auto wanted = static_cast<size_t>(header.uncompressed);
  char* const out = scratch.resize(wanted);
  const size_t size = ZSTD_decompress(out, wanted, stored.data(), stored.size());
  if (ZSTD_isError(size) || size != wanted) return damaged("a page does not decompress");
  return std::string_view(out, wanted);
}

Result<void> ColumnCursor::load_page(size_t page) {
  page_rows_ = 0;
  int32_t rows;
  Encoding encoding;
  std::string_view body = TRY(page_body(pages_[page].offset, scratch_, rows, encoding));
  if (rows > reader_.row_groups()[*group_].rows) return damaged("a page longer than its row group");
  const auto count = static_cast<size_t>(rows);
  value_of_row_.clear();
  size_t values = count;
  if (column_.optional) {
    uint32_t length;
    if (body.size() < 4) return damaged("a page without levels");
    std::memcpy(&length, body.data(), 4);
    if (length > body.size() - 4 || !decode_rle(body.substr(4, length), 1, count, codes_)) {
      return damaged("definition levels can't be read");
    }
    body.remove_prefix(4 + length);
    int32_t next = 0;
    value_of_row_.resize(count);
    for (size_t i = 0; i < count; ++i) value_of_row_[i] = codes_[i] != 0 ? next++ : -1;
    values = static_cast<size_t>(next);
  }
  integers_.clear();
  texts_.clear();
  if (encoding == Encoding::kDictionary) {
    if (body.empty() ||
        !decode_rle(body.substr(1), static_cast<uint8_t>(body[0]), values, codes_)) {
      return damaged("dictionary codes can't be read");
    }
    const auto look_up = [&](const auto& entries, auto& out) {
      out.resize(codes_.size());
      for (size_t i = 0; i < codes_.size(); ++i) {
        if (codes_[i] >= entries.size()) return false;
        out[i] = entries[codes_[i]];
      }
      return true;
    };
    if (!(is_text() ? look_up(dictionary_texts_, texts_)
                    : look_up(dictionary_integers_, integers_))) {
      return damaged("a code outside the dictionary");
    }
  } else if (encoding == Encoding::kDelta) {
    if (!decode_delta(body, values, integers_))
      return damaged("delta encoded values can't be read");
  } else {
    TRY(decode_plain(body, values, integers_, texts_));
  }
  page_first_ = reader_.row_groups()[*group_].first_row + pages_[page].first_row;
  page_rows_ = rows;
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
