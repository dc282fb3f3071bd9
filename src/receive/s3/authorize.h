// Who signs a request, and whether the signature is right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "receive/upload_credentials.h"
#include "store/objects/sigv4.h"

namespace callscope::receive::s3 {

struct Authorized {
  UploadGrant grant;
  store::sigv4::SignedRequest request;  // as it was signed
  std::string signing_key;
  std::string signature;  // hex; the chunks of a body go on from it
};

// `public_url` is how clients reach the server: behind a proxy they sign a host, and perhaps a
// path, that the proxy replaces.
Result<Authorized> authorize(const http::Request& request, const UploadKeys& keys,
                             std::string_view public_url, TimeNs now);

}  // namespace callscope::receive::s3
