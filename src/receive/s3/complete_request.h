// The list of parts that a client completes an upload with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::receive::s3 {

struct CompletedPart {
  int number = 0;
  std::string etag;  // without quotes
};

// Reads <CompleteMultipartUpload>. MalformedXML where it is none, InvalidPartOrder where the
// numbers do not rise. There may be holes between them.
Result<std::vector<CompletedPart>> parse_complete_request(std::string_view xml);

}  // namespace callscope::receive::s3
