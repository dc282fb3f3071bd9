// The write-ahead log on disk; docs/formats/wal.md has it to the byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "normalise/otlp_scan.h"

namespace callscope::store::wal {

// A generation is one file of the log. It is read whole into hot spans, and those become segments
// whole; then the file goes.
using Generation = uint64_t;

inline constexpr std::string_view kMagic = "CSWAL001";
inline constexpr size_t kFileHeaderBytes = 16;  // magic, generation
inline constexpr size_t kRecordHeaderBytes = 40;

struct RecordHeader {
  normalise::Signal signal = normalise::Signal::kTraces;
  ProjectId project = 0;
  AgentId agent = 0;  // 0: find it by service.name
  TimeNs received;
};

std::string encode_file_header(Generation generation);
Result<Generation> decode_file_header(std::string_view bytes);

// The header that goes before `payload`.
std::string encode_record_header(const RecordHeader& header, std::string_view payload);

struct DecodedHeader {
  RecordHeader header;
  uint32_t payload_bytes = 0;
  uint32_t checksum = 0;
};
// `bytes` are kRecordHeaderBytes long. kDataLoss where no record can look like this.
Result<DecodedHeader> decode_record_header(std::string_view bytes);
// Whether header and payload are what was written.
bool checksum_matches(std::string_view header_bytes, std::string_view payload);

// "000000000000002a.wal"
std::string file_name(Generation generation);
std::optional<Generation> parse_file_name(std::string_view name);

}  // namespace callscope::store::wal
