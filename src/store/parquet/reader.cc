#include "store/parquet/reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "store/parquet/thrift.h"

namespace callscope::store::parquet {
namespace {

Error bad_file(const std::filesystem::path& path, std::string_view what) {
  return {ErrorCode::kDataLoss, fmt::format("damaged segment {}: {}", path.string(), what)};
}

Column read_schema_element(ThriftReader& in) {
  Column column;
  in.begin_struct();
  for (ThriftReader::Field field; in.next(field);) {
    switch (field.id) {
      case 1:
        column.physical = static_cast<Physical>(in.i64());
        break;
      case 2:
        column.fixed_bytes = static_cast<int32_t>(in.i64());
        break;
      case 3:
        column.optional = in.i64() == 1;
        break;
      case 4:
        column.name = in.binary();
        break;
      default:
        in.skip(field.type);
    }
  }
  in.end_struct();
  return column;
}

// A number as PLAIN bytes.
std::optional<int64_t> plain_int(std::string_view bytes) {
  if (bytes.size() == 8) {
    int64_t value;
    std::memcpy(&value, bytes.data(), 8);
    return value;
  }
  if (bytes.size() == 4) {
    int32_t value;
    std::memcpy(&value, bytes.data(), 4);
    return value;
  }
  if (bytes.size() == 1) return bytes[0];
  return std::nullopt;
}

void read_chunk_meta(ThriftReader& in, ChunkLocation& chunk) {
  std::string_view min, max;
  in.begin_struct();
  for (ThriftReader::Field field; in.next(field);) {
    switch (field.id) {
      case 4:
        chunk.codec = static_cast<Codec>(in.i64());
        break;
      case 5:
        chunk.values = in.i64();
        break;
      case 11:
        chunk.dictionary_offset = in.i64();
        break;
      case 12:
        in.begin_struct();
        for (ThriftReader::Field part; in.next(part);) {
          if (part.id == 3) {
            chunk.nulls = in.i64();
          } else if (part.id == 5) {
            max = in.binary();
          } else if (part.id == 6) {
            min = in.binary();
          } else {
            in.skip(part.type);
          }
        }
        in.end_struct();
        break;
      default:
        in.skip(field.type);
    }
  }
  in.end_struct();
  if (min == max && chunk.nulls == 0) chunk.only = plain_int(min);
}

ChunkLocation read_chunk(ThriftReader& in) {
  ChunkLocation chunk;
  in.begin_struct();
  for (ThriftReader::Field field; in.next(field);) {
    switch (field.id) {
      case 3:
        read_chunk_meta(in, chunk);
        break;
      case 4:
        chunk.offset_index_offset = in.i64();
        break;
      case 5:
        chunk.offset_index_length = static_cast<int32_t>(in.i64());
        break;
      default:
        in.skip(field.type);
    }
  }
  in.end_struct();
  return chunk;
}

RowGroup read_row_group(ThriftReader& in) {
  RowGroup group;
  in.begin_struct();
  for (ThriftReader::Field field; in.next(field);) {
    if (field.id == 1) {
      ThriftType element;
      for (size_t n = in.begin_list(element); n > 0 && in.ok(); --n) {
        group.chunks.push_back(read_chunk(in));
      }
    } else if (field.id == 3) {
      group.rows = in.i64();
    } else {
      in.skip(field.type);
    }
  }
  in.end_struct();
  return group;
}

}  // namespace

Result<std::shared_ptr<const Reader>> Reader::open(const std::filesystem::path& path) {
  MappedFile file = TRY(MappedFile::open(path));
  auto reader = std::shared_ptr<Reader>(new Reader(path, std::move(file)));
  TRY(reader->parse_footer());
  return std::shared_ptr<const Reader>(std::move(reader));
}

Result<void> Reader::parse_footer() {
  const std::string_view all = file_.bytes();
  if (all.size() < 12 || all.substr(0, 4) != kParquetMagic ||
      all.substr(all.size() - 4) != kParquetMagic) {
    return bad_file(path_, "it does not begin and end with PAR1");
  }
  uint32_t length;
  std::memcpy(&length, all.data() + all.size() - 8, 4);
  if (length > all.size() - 12) return bad_file(path_, "its footer is longer than the file");
  ThriftReader in(all.substr(all.size() - 8 - length, length));
  std::vector<Column> elements;
  for (ThriftReader::Field field; in.next(field);) {
    ThriftType element;
    switch (field.id) {
      case 2:
        for (size_t n = in.begin_list(element); n > 0 && in.ok(); --n) {
          elements.push_back(read_schema_element(in));
        }
        break;
      case 3:
        rows_ = in.i64();
        break;
      case 4:
        for (size_t n = in.begin_list(element); n > 0 && in.ok(); --n) {
          groups_.push_back(read_row_group(in));
        }
        break;
      case 5:
        for (size_t n = in.begin_list(element); n > 0 && in.ok(); --n) {
          in.begin_struct();
          std::string key, value;
          for (ThriftReader::Field pair; in.next(pair);) (pair.id == 1 ? key : value) = in.binary();
          in.end_struct();
          metadata_[key] = value;
        }
        break;
      default:
        in.skip(field.type);
    }
  }
  if (!in.ok() || elements.empty()) return bad_file(path_, "its footer can't be read");
  schema_.assign(elements.begin() + 1, elements.end());
  int64_t first = 0;
  for (RowGroup& group : groups_) {
    if (group.chunks.size() != schema_.size() || group.rows < 0) {
      return bad_file(path_, "a row group does not fit the schema");
    }
    group.first_row = first;
    first += group.rows;
  }
  if (first != rows_) return bad_file(path_, "its row groups do not add up");
  return {};
}

std::optional<size_t> Reader::find_column(std::string_view name) const {
  for (size_t i = 0; i < schema_.size(); ++i) {
    if (schema_[i].name == name) return i;
  }
  return std::nullopt;
}

std::string_view Reader::metadata(const std::string& key) const {
  const auto it = metadata_.find(key);
  return it == metadata_.end() ? std::string_view() : std::string_view(it->second);
}

Result<std::string_view> Reader::section(const std::string& name) const {
  const std::string_view place = metadata(name);
  const size_t colon = place.find(':');
  uint64_t offset = 0;
  uint64_t size = 0;
  if (colon == std::string_view::npos) return bad_file(path_, "it lacks the section " + name);
  std::from_chars(place.data(), place.data() + colon, offset);
  std::from_chars(place.data() + colon + 1, place.data() + place.size(), size);
  if (offset > bytes().size() || size > bytes().size() - offset) {
    return bad_file(path_, "its section " + name + " lies outside the file");
  }
  return bytes().substr(offset, size);
}

}  // namespace callscope::store::parquet
