// Errors as S3 words them. Within this folder an Error's `field` is S3's code of it, such as
// "NoSuchUpload"; without one the code follows from ours.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace callscope::receive::s3 {

Error error(std::string_view code, std::string message);

http::Response error_response(const http::Request& request, const Error& error);

http::Response xml_response(int status, std::string_view root, std::string_view members);

}  // namespace callscope::receive::s3
