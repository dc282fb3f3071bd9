#include "store/wal/format.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "base/crc32c.h"

namespace callscope::store::wal {
namespace {

// Record header, little endian:
//   0  u32 payload length    4  u32 CRC32C of bytes 8..39 and the payload
//   8  u8  signal            9  7 zero bytes
//   16 i64 project          24  i64 agent          32  i64 received, Unix ns
constexpr size_t kChecked = 8;

template <typename T>
void put(std::string& out, size_t at, T value) {
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <typename T>
T get(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

std::string encode_file_header(Generation generation) {
  std::string out(kFileHeaderBytes, '\0');
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  put(out, 8, generation);
  return out;
}

Result<Generation> decode_file_header(std::string_view bytes) {
  if (bytes.size() < kFileHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return Error{ErrorCode::kDataLoss, "not a write-ahead log of this version"};
  }
  return get<Generation>(bytes, 8);
}

std::string encode_record_header(const RecordHeader& header, std::string_view payload) {
  std::string out(kRecordHeaderBytes, '\0');
  put(out, 0, static_cast<uint32_t>(payload.size()));
  put(out, 8, static_cast<uint8_t>(header.signal));
  put(out, 16, header.project);
  put(out, 24, header.agent);
  put(out, 32, header.received.ns);
  put(out, 4, crc32c(payload, crc32c(std::string_view(out).substr(kChecked))));
  return out;
}

Result<DecodedHeader> decode_record_header(std::string_view bytes) {
  DecodedHeader out;
  out.payload_bytes = get<uint32_t>(bytes, 0);
  out.checksum = get<uint32_t>(bytes, 4);
  const auto signal = get<uint8_t>(bytes, 8);
  constexpr std::string_view kZeros("\0\0\0\0\0\0\0", 7);
  if ((signal != static_cast<uint8_t>(normalise::Signal::kTraces) &&
       signal != static_cast<uint8_t>(normalise::Signal::kLogs)) ||
      bytes.substr(9, kZeros.size()) != kZeros) {
    return Error{ErrorCode::kDataLoss, "no record of the write-ahead log starts here"};
  }
  out.header.signal = static_cast<normalise::Signal>(signal);
  out.header.project = get<int64_t>(bytes, 16);
  out.header.agent = get<int64_t>(bytes, 24);
  out.header.received = {get<int64_t>(bytes, 32)};
  return out;
}

bool checksum_matches(std::string_view header_bytes, std::string_view payload) {
  return get<uint32_t>(header_bytes, 4) == crc32c(payload, crc32c(header_bytes.substr(kChecked)));
}

std::string file_name(Generation generation) { return fmt::format("{:016x}.wal", generation); }

std::optional<Generation> parse_file_name(std::string_view name) {
  if (name.size() != 20 || name.substr(16) != ".wal") return std::nullopt;
  Generation generation = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + 16, generation, 16);
  if (error != std::errc{} || end != name.data() + 16) return std::nullopt;
  return generation;
}

}  // namespace callscope::store::wal
