#include "store/wal/reader.h"

#include <algorithm>
#include <array>

namespace callscope::store::wal {

Result<Reader> Reader::open(const std::filesystem::path& directory, Generation generation) {
  File file = TRY(File::open(directory / file_name(generation), File::Mode::kRead));
  const std::string head = TRY(file.read_at(0, kFileHeaderBytes));
  const Generation written = TRY(decode_file_header(head));
  if (written != generation) {
    return Error{ErrorCode::kDataLoss,
                 file.path().string() + " holds another generation than its name says"};
  }
  return Reader(std::move(file), generation);
}

Result<std::optional<Record>> Reader::next(uint64_t limit) {
  if (offset_ + kRecordHeaderBytes > limit) return std::optional<Record>();
  std::array<char, kRecordHeaderBytes> head;
  TRY(file_.read_at(offset_, head.data(), head.size()));
  const std::string_view head_bytes(head.data(), head.size());
  const DecodedHeader decoded = TRY(decode_record_header(head_bytes));
  if (offset_ + kRecordHeaderBytes + decoded.payload_bytes > limit) return std::optional<Record>();
  Record record{decoded.header,
                TRY(file_.read_at(offset_ + kRecordHeaderBytes, decoded.payload_bytes))};
  if (!checksum_matches(head_bytes, record.payload)) {
    return Error{ErrorCode::kDataLoss, "checksum mismatch in " + file_.path().string() +
                                           " at byte " + std::to_string(offset_)};
  }
  offset_ += kRecordHeaderBytes + decoded.payload_bytes;
  return std::optional<Record>(std::move(record));
}

Result<bool> Reader::skip_damage(uint64_t limit) {
  const uint64_t from = offset_;
  if (from >= limit) return false;
  const std::string rest = TRY(file_.read_at(from, limit - from));
  const auto is_record = [&](size_t at) {
    if (at > rest.size() || rest.size() - at < kRecordHeaderBytes) return false;
    const std::string_view bytes = std::string_view(rest).substr(at);
    const auto head = decode_record_header(bytes);
    return head && head->payload_bytes <= bytes.size() - kRecordHeaderBytes &&
           checksum_matches(bytes.substr(0, kRecordHeaderBytes),
                            bytes.substr(kRecordHeaderBytes, head->payload_bytes));
  };
  size_t at = rest.size();
  // Where the header is sound, it says where the next record starts: what senders wrote into the
  // payload is not searched.
  if (rest.size() >= kRecordHeaderBytes) {
    if (const auto head = decode_record_header(rest)) {
      if (is_record(kRecordHeaderBytes + head->payload_bytes))
        at = kRecordHeaderBytes + head->payload_bytes;
    }
  }
  for (size_t next = 1; at == rest.size() && next < rest.size(); ++next) {
    if (is_record(next)) at = next;
  }
  if (at == rest.size()) return false;
  offset_ = from + at;
  return true;
}

Result<std::vector<Generation>> list_generations(const std::filesystem::path& directory) {
  std::vector<Generation> out;
  for (const std::string& name : TRY(list_files(directory))) {
    if (const auto generation = parse_file_name(name)) out.push_back(*generation);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<Tail> find_tail(const std::filesystem::path& directory, Generation generation) {
  Tail tail;
  Result<Reader> opened = Reader::open(directory, generation);
  if (!opened) {
    // A file whose header never reached the disk holds nothing that was acknowledged.
    if (opened.error().code != ErrorCode::kDataLoss) return std::move(opened).error();
    return tail;
  }
  Reader& reader = *opened;
  tail.file_size = TRY(reader.file_size());
  tail.good_end = reader.offset();
  while (true) {
    const auto record = reader.next(tail.file_size);
    if (record && record.value()) {
      tail.good_end = reader.offset();
      ++tail.records;
      continue;
    }
    const uint64_t damage_at = reader.offset();
    if (!TRY(reader.skip_damage(tail.file_size))) return tail;
    tail.damaged_bytes += reader.offset() - damage_at;
  }
}

}  // namespace callscope::store::wal
