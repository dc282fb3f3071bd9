#include "receive/otlp_answer.h"

#include "base/encoding.h"
#include "base/wire.h"

namespace callscope::receive {

bool is_retryable(ErrorCode code) {
  return code == ErrorCode::kResourceExhausted || code == ErrorCode::kUnavailable;
}

std::string encode_accepted(const Accepted& accepted) {
  std::string out;
  if (accepted.rejected == 0) return out;
  // ExportTraceServiceResponse.partial_success = 1 { rejected_spans = 1, error_message = 2 }, and
  // the same numbers for logs.
  wire::Writer(out).field_message(1, [&](wire::Writer& partial) {
    partial.field_varint(1, accepted.rejected);
    partial.field_bytes(2, accepted.reason);
  });
  return out;
}

int grpc_status_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    // RESOURCE_EXHAUSTED would have senders try again, in vain.
    case ErrorCode::kTooLarge:
      return 3;  // INVALID_ARGUMENT
    case ErrorCode::kNotFound:
      return 5;
    case ErrorCode::kConflict:
      return 6;
    case ErrorCode::kPermissionDenied:
      return 7;
    case ErrorCode::kResourceExhausted:
      return 8;
    case ErrorCode::kInternal:
      return 13;
    case ErrorCode::kUnavailable:
      return 14;
    case ErrorCode::kDataLoss:
      return 15;
    case ErrorCode::kUnauthenticated:
      return 16;
  }
  return 13;
}

std::string encode_status(const Error& error) {
  std::string out;
  wire::Writer status(out);
  status.field_varint(1, static_cast<uint64_t>(grpc_status_code(error.code)));
  std::string message;
  append_utf8(message, error.message);
  status.field_bytes(2, message);
  if (is_retryable(error.code)) {
    std::string retry_info;
    wire::Writer(retry_info).field_message(1, [](wire::Writer& delay) {
      delay.field_varint(1, kRetryAfterSeconds);
    });
    status.field_message(3, [&](wire::Writer& any) {
      any.field_bytes(1, "type.googleapis.com/google.rpc.RetryInfo");
      any.field_bytes(2, retry_info);
    });
  }
  return out;
}

}  // namespace callscope::receive
