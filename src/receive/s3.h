// The part of S3 that SDKs upload recordings by: multipart uploads, PutObject and HEAD, to the one
// object that the credentials are for (upload_credentials.h).
//
//   POST   /callscope-recordings/KEY?uploads            begins an upload
//   PUT    /callscope-recordings/KEY?partNumber=&uploadId=
//   POST   /callscope-recordings/KEY?uploadId=          completes it
//   DELETE /callscope-recordings/KEY?uploadId=          aborts it
//   PUT    /callscope-recordings/KEY                    uploads it at once
//   HEAD   /callscope-recordings/KEY
//
// The same is there below /s3, for whoever likes the endpoint to have a path.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "http/router.h"
#include "receive/recordings.h"
#include "receive/upload_credentials.h"

namespace callscope::receive {

struct S3Options {
  std::filesystem::path folder;  // of parts; made where there is none
  std::string public_url;        // how clients reach the server, where a proxy stands before it
  Limits limits;
};

class S3Server {
 public:
  // `keys` and what else is borrowed outlive it.
  static Result<std::unique_ptr<S3Server>> open(S3Options options, const UploadKeys& keys,
                                                Recordings& recordings, store::Catalog& catalog,
                                                const Clock& clock);
  ~S3Server();

  // Outlives the router.
  void register_routes(http::Router& router);

  // Drops the uploads whose credentials have expired. To be called from time to time.
  Result<void> sweep();

 private:
  struct State;
  explicit S3Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace callscope::receive
