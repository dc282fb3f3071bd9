#include "serve/play_links.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace callscope::serve {
namespace {

// A link is good for at least an hour, in which a page may be left open, and ends on a round time.
constexpr int64_t kGoodForS = 3'600;
constexpr int64_t kRoundedToS = 900;

std::string sign(const Services& services, ProjectId project, CallId call,
                 store::RecordingId recording, int64_t expires_s) {
  return services.upload_keys.seal("play",
                                   fmt::format("{}/{}/{}/{}", project, call, recording, expires_s));
}

}  // namespace

std::string play_link(const Services& services, CallId call, const store::Recording& recording) {
  const int64_t now_s = services.clock.now().ns / 1'000'000'000;
  const int64_t expires_s = (now_s + kGoodForS + kRoundedToS) / kRoundedToS * kRoundedToS;
  return fmt::format("/api/v1/calls/{}/recordings/{}/play?project_id={}&expires={}&signature={}",
                     call, recording.id, recording.project, expires_s,
                     sign(services, recording.project, call, recording.id, expires_s));
}

Result<ProjectId> check_play_link(const Services& services, const http::Request& request) {
  Params params(request.query);
  const auto project = params.id("project_id");
  const auto expires_s = params.id("expires");
  const auto signature = params.text("signature");
  for (const auto& [name, is_there] :
       {std::pair("project_id", project.has_value()), std::pair("expires", expires_s.has_value()),
        std::pair("signature", signature.has_value())}) {
    if (!is_there) params.refuse(name, "must be as in the play_url of the recording");
  }
  TRY(params.done());
  const CallId call = TRY(path_id(request, "id"));
  const int64_t recording = TRY(path_id(request, "recording_id"));
  if (!equal_in_constant_time(*signature, sign(services, *project, call, recording, *expires_s))) {
    return Error{ErrorCode::kPermissionDenied, "the signature is not that of this recording's link",
                 "signature"};
  }
  if (*expires_s <= services.clock.now().ns / 1'000'000'000) {
    return Error{ErrorCode::kPermissionDenied,
                 "the link has expired: GET calls/{id} gives a new play_url", "expires"};
  }
  return *project;
}

}  // namespace callscope::serve
