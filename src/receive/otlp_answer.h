// The protobuf answers of OTLP, the same over gRPC and HTTP.
#pragma once

#include <string>

#include "base/result.h"
#include "receive/intake.h"

namespace callscope::receive {

// How long a sender is asked to wait before it sends again. Disks and backlogs need seconds, and
// senders add jitter of their own.
inline constexpr int kRetryAfterSeconds = 2;

// Whether sending the same request again later can succeed.
bool is_retryable(ErrorCode code);

// An Export{Trace,Logs}ServiceResponse: empty where nothing was rejected.
std::string encode_accepted(const Accepted& accepted);

// gRPC's number for an error.
int grpc_status_code(ErrorCode code);

// A google.rpc.Status, with RetryInfo where the error is retryable.
std::string encode_status(const Error& error);

}  // namespace callscope::receive
