#include "receive/s3/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/xml.h"

namespace callscope::receive::s3 {
namespace {

struct Code {
  std::string_view name;
  ErrorCode code;
  int status;
};

// For each of our codes the first is what an Error without one of S3's becomes.
constexpr std::array kCodes = {
    Code{"InvalidRequest", ErrorCode::kInvalidArgument, 400},
    Code{"InvalidArgument", ErrorCode::kInvalidArgument, 400},
    Code{"AuthorizationHeaderMalformed", ErrorCode::kInvalidArgument, 400},
    Code{"BadDigest", ErrorCode::kInvalidArgument, 400},
    Code{"EntityTooSmall", ErrorCode::kInvalidArgument, 400},
    Code{"ExpiredToken", ErrorCode::kInvalidArgument, 400},
    Code{"IncompleteBody", ErrorCode::kInvalidArgument, 400},
    Code{"InvalidDigest", ErrorCode::kInvalidArgument, 400},
    Code{"InvalidPart", ErrorCode::kInvalidArgument, 400},
    Code{"InvalidPartOrder", ErrorCode::kInvalidArgument, 400},
    Code{"InvalidToken", ErrorCode::kInvalidArgument, 400},
    Code{"MalformedXML", ErrorCode::kInvalidArgument, 400},
    Code{"XAmzContentSHA256Mismatch", ErrorCode::kInvalidArgument, 400},
    Code{"AccessDenied", ErrorCode::kPermissionDenied, 403},
    Code{"AccessDenied", ErrorCode::kUnauthenticated, 403},
    Code{"InvalidAccessKeyId", ErrorCode::kPermissionDenied, 403},
    Code{"RequestTimeTooSkewed", ErrorCode::kPermissionDenied, 403},
    Code{"SignatureDoesNotMatch", ErrorCode::kPermissionDenied, 403},
    Code{"NoSuchKey", ErrorCode::kNotFound, 404},
    Code{"NoSuchUpload", ErrorCode::kNotFound, 404},
    Code{"OperationAborted", ErrorCode::kConflict, 409},
    Code{"EntityTooLarge", ErrorCode::kTooLarge, 400},
    Code{"InvalidRequest", ErrorCode::kUnsupported, 400},
    Code{"NotImplemented", ErrorCode::kUnsupported, 501},
    Code{"SlowDown", ErrorCode::kResourceExhausted, 503},
    Code{"ServiceUnavailable", ErrorCode::kUnavailable, 503},
    Code{"InternalError", ErrorCode::kInternal, 500},
    Code{"InternalError", ErrorCode::kDataLoss, 500},
};

const Code& code_of(const Error& error) {
  const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                   [&](const Code& code) { return code.name == error.field; });
  if (found != kCodes.end()) return *found;
  return *std::find_if(kCodes.begin(), kCodes.end(),
                       [&](const Code& code) { return code.code == error.code; });
}

}  // namespace

Error error(std::string_view code, std::string message) {
  const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                   [&](const Code& known) { return known.name == code; });
  return {found->code, std::move(message), std::string(code)};
}

http::Response xml_response(int status, std::string_view root, std::string_view members) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/xml");
  response.headers.add("x-amz-request-id", to_hex(random_bytes(8)));
  response.body = fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>)"
                              "\n<{0} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{1}</{0}>",
                              root, members);
  return response;
}

http::Response error_response(const http::Request& request, const Error& error) {
  const Code& code = code_of(error);
  const std::string id = to_hex(random_bytes(8));
  http::Response response;
  response.status = code.status;
  response.headers.add("Content-Type", "application/xml");
  response.headers.add("x-amz-request-id", id);
  if (code.status == 503) response.headers.add("Retry-After", "1");
  response.body = fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>)"
                              "\n<Error><Code>{}</Code><Message>{}</Message><Resource>{}</Resource>"
                              "<RequestId>{}</RequestId></Error>",
                              code.name, xml_escape(error.message), xml_escape(request.path), id);
  return response;
}

}  // namespace callscope::receive::s3
