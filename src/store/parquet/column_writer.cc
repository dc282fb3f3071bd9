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

// A chunk below this is stored as it is.
constexpr size_t kCompressBytesMin = 1024;

int32_t page_checksum(std::string_view bytes) {
  return static_cast<int32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string page_header(bool is_data, size_t uncompressed, std::string_view body, size_t values,
                        Encoding encoding) {
  std::string out;
  ThriftWriter writer(out);
  writer.i32(1, is_data ? kDataPage : kDictionaryPage);
  writer.i32(2, static_cast<int32_t>(uncompressed));
  writer.i32(3, static_cast<int32_t>(body.size()));
  writer.i32(4, page_checksum(body));
  writer.begin_struct(is_data ? 5 : 7);
  writer.i32(1, static_cast<int32_t>(values));
  writer.i32(2, static_cast<int32_t>(encoding));
  if (is_data) {
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

// A number as PLAIN bytes.
class PlainInt {
 public:
  PlainInt(Physical physical, int64_t value)
      : size_(physical == Physical::kInt64     ? 8
              : physical == Physical::kBoolean ? 1
                                               : 4) {
    std::memcpy(bytes_, &value, sizeof value);  // little endian: the low bytes come first
  }
  std::string_view view() const { return {bytes_, size_}; }

 private:
  char bytes_[8];
  size_t size_;
};

uint64_t hash_of(std::string_view text) {
  uint64_t hash = text.size() * 0x9E3779B97F4A7C15ull;
  const auto mix = [&](uint64_t word) {
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDull;
    hash ^= hash >> 32;
  };
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    mix(word);
  }
  uint64_t word = 0;
  if (at < text.size()) std::memcpy(&word, text.data() + at, text.size() - at);
  mix(word);
  return hash;
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

uint32_t Dictionary::code_of(std::string_view value) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  const uint64_t hash = hash_of(value);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != kFree; slot = (slot + 1) & mask) {
    const uint32_t code = slots_[slot];
    if (hashes_[code] == hash && entries_[code] == value) return code;
  }
  const auto code = static_cast<uint32_t>(entries_.size());
  slots_[slot] = code;
  entries_.push_back(arena_.copy(value));
  hashes_.push_back(hash);
  bytes_ += value.size() + 4;
  return code;
}

void Dictionary::grow() {
  slots_.assign(std::max<size_t>(64, slots_.size() * 2), kFree);
  const size_t mask = slots_.size() - 1;
  for (uint32_t code = 0; code < entries_.size(); ++code) {
    size_t slot = hashes_[code] & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = code;
  }
}

void Dictionary::clear() {
  arena_.clear();
  entries_.clear();
  hashes_.clear();
  slots_.clear();
  bytes_ = 0;
}

ColumnWriter::ColumnWriter(const Column& column, const WriterOptions& options,
                           Compressor& compressor)
    : column_(column),
      options_(options),
      page_rows_max_(column.page_rows_max > 0 ? column.page_rows_max : options.page_rows_max),
      page_bytes_max_(column.page_bytes_max > 0 ? column.page_bytes_max : options.page_bytes_max),
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
    plain_.append(PlainInt(column_.physical, value).view());
  }
  end_row();
}

void ColumnWriter::add_bytes(std::string_view value) {
  if (column_.physical == Physical::kFixed) {
    CHECK(value.size() == static_cast<size_t>(column_.fixed_bytes), "a value of the fixed length");
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
  if (!is_steady_) return push_code(dictionary_.code_of(bytes));
  const uint64_t hash = reinterpret_cast<uintptr_t>(bytes.data()) * 0x9E3779B97F4A7C15ull;
  Place& place = places_[hash >> 58];
  static_assert(std::tuple_size_v<decltype(places_)> == size_t{1} << (64 - 58));
  if (place.batch != batch_ || place.text.data() != bytes.data() ||
      place.text.size() != bytes.size()) {
    place = {bytes, dictionary_.code_of(bytes), batch_};
  }
  push_code(place.code);
}

void ColumnWriter::add_int_code(int64_t value) {
  const PlainInt plain(column_.physical, value);
  coded_bytes_ += plain.view().size();
  if (codes_.empty() || value != last_int_) {
    last_int_ = value;
    last_code_ = dictionary_.code_of(plain.view());
  }
  push_code(last_code_);
}

void ColumnWriter::push_code(uint32_t code) {
  codes_.push_back(code);
  if (dictionary_.bytes() > options_.dictionary_bytes_max) leave_dictionary();
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
      const std::string_view entry = dictionary_.entries()[codes[next++]];
      if (column_.physical == Physical::kByteArray) put_length(plain_, entry.size());
      plain_.append(entry);
    }
    if (row + 1 < rows) end_row();
  }
  dictionary_.clear();
}

void ColumnWriter::end_row() {
  ++chunk_.values;
  if (by_code_) return;
  ++page_rows_;
  if (page_rows_ >= page_rows_max_ || plain_.size() + deltas_.size() * 8 >= page_bytes_max_) {
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
  std::string_view body = body_;
  if (column_.encoding == Encoding::kDelta) {
    encode_delta(deltas_, body_);
    body = body_;
  } else if (column_.physical == Physical::kBoolean) {
    const size_t start = body_.size();
    body_.resize(start + (plain_.size() + 7) / 8, '\0');
    for (size_t i = 0; i < plain_.size(); ++i) {
      if (plain_[i] != 0)
        body_[start + i / 8] = static_cast<char>(body_[start + i / 8] | 1 << i % 8);
    }
    body = body_;
  } else if (column_.optional) {
    body_.append(plain_);
    body = body_;
  } else {
    body = plain_;
  }
  add_page(PageType::kData, body,
           column_.encoding == Encoding::kDelta ? Encoding::kDelta : Encoding::kPlain, page_rows_,
           static_cast<size_t>(chunk_.values) - page_rows_);
  levels_.clear();
  plain_.clear();
  deltas_.clear();
  page_rows_ = 0;
}

// All pages of a chunk are compressed or none is.
void ColumnWriter::add_page(PageType type, std::string_view body, Encoding encoding, size_t values,
                            size_t first_row) {
  if (column_.codec == Codec::kZstd && chunk_.codec == Codec::kNone) {
    if (held_bytes_ + body.size() < kCompressBytesMin) {
      held_.push_back({type, std::string(body), encoding, values, first_row});
      held_bytes_ += body.size();
      return;
    }
    chunk_.codec = Codec::kZstd;
    write_held_pages();
  }
  write_page(type, body, encoding, values, first_row);
}

void ColumnWriter::write_held_pages() {
  for (const Page& page : held_) {
    write_page(page.type, page.body, page.encoding, page.values, page.first_row);
  }
  held_.clear();
  held_bytes_ = 0;
}

void ColumnWriter::write_page(PageType type, std::string_view body, Encoding encoding,
                              size_t values, size_t first_row) {
  std::string_view stored = body;
  if (chunk_.codec == Codec::kZstd) {
    compressor_.compress(body, packed_);
    stored = packed_;
  }
  const bool is_data = type == PageType::kData;
  const std::string header = page_header(is_data, body.size(), stored, values, encoding);
  if (is_data) {
    chunk_.pages.push_back({static_cast<int64_t>(chunk_.bytes.size()),
                            static_cast<int32_t>(header.size() + stored.size()),
                            static_cast<int64_t>(first_row)});
    chunk_.encoding = encoding;
  } else {
    chunk_.dictionary_offset = static_cast<int64_t>(chunk_.bytes.size());
  }
  chunk_.bytes.append(header).append(stored);
  chunk_.uncompressed_bytes += static_cast<int64_t>(header.size() + body.size());
}

void ColumnWriter::write_coded_pages() {
  const std::vector<std::string_view>& entries = dictionary_.entries();
  body_.clear();
  for (std::string_view entry : entries) {
    if (column_.physical == Physical::kByteArray) put_length(body_, entry.size());
    body_.append(entry);
    if (column_.physical == Physical::kFixed) {
      if (chunk_.min.empty() || entry < chunk_.min) chunk_.min = entry;
      if (chunk_.max.empty() || entry > chunk_.max) chunk_.max = entry;
    }
  }
  add_page(PageType::kDictionary, body_, Encoding::kPlain, entries.size(), 0);

  const int width = entries.empty() ? 0 : bit_width(static_cast<uint32_t>(entries.size() - 1));
  const auto rows = static_cast<size_t>(chunk_.values);
  size_t next_code = 0;
  for (size_t first = 0; first < rows; first += page_rows_max_) {
    const size_t n = std::min(page_rows_max_, rows - first);
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
    add_page(PageType::kData, body_, Encoding::kDictionary, n, first);
  }
}

Chunk ColumnWriter::finish() {
  // A dictionary that is hardly smaller than the values only costs a detour.
  if (by_code_ && dictionary_.bytes() * 4 > coded_bytes_ * 3 && dictionary_.entries().size() > 64) {
    leave_dictionary();
    ++page_rows_;  // leave_dictionary() expects its caller to end the last row
    ++chunk_.values;
  }
  if (by_code_) {
    write_coded_pages();
  } else {
    end_page();
  }
  write_held_pages();
  if (any_value_) {
    chunk_.min = PlainInt(column_.physical, min_int_).view();
    chunk_.max = PlainInt(column_.physical, max_int_).view();
  }
  Chunk out = std::move(chunk_);
  chunk_ = {};
  any_value_ = false;
  levels_.clear();
  codes_.clear();
  dictionary_.clear();
  ++batch_;
  coded_bytes_ = 0;
  by_code_ = column_.encoding == Encoding::kDictionary;
  return out;
}

}  // namespace callscope::store::parquet
