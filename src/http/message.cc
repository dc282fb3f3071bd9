#include "http/message.h"

#include "base/encoding.h"
#include "http/body_source.h"

namespace callscope::http {

std::string_view Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

Body Body::lasting(std::string_view bytes) {
  Body body;
  body.is_own_ = false;
  body.outside_ = bytes;
  return body;
}

Body Body::shared(std::shared_ptr<const std::string> bytes) {
  Body body = lasting(*bytes);
  body.keeper_ = std::move(bytes);
  return body;
}

Response Response::json(int status, Body body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Response Response::text(int status, Body body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

Response Response::empty(int status) { return {status, {}, {}}; }

Response Response::streamed(std::string_view content_type, std::shared_ptr<BodySource> source) {
  Response response{200, {{"Content-Type", std::string(content_type)}}, {}};
  response.source = std::move(source);
  return response;
}

uint64_t Response::body_bytes() const {
  if (!source) return body.size();
  return source_end.value_or(source->size()) - source_begin;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnsupported:
      return 415;
    case ErrorCode::kResourceExhausted:
      return 429;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kDataLoss:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

Response error_response(const Error& error) {
  return error_response(status_of(error.code), to_string(error.code), error.message, error.field);
}

Response error_response(int status, std::string_view code, std::string_view message,
                        std::string_view field) {
  std::string body = R"({"error":{"code":)";
  append_json_string(body, code);
  body += R"(,"message":)";
  append_json_string(body, message);
  body += R"(,"field":)";
  append_json_string(body, field);
  body += "}}";
  Response response = Response::json(status, std::move(body));
  if (status == 429 || status == 503) response.headers.add("Retry-After", "1");
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

}  // namespace callscope::http
