// Links by which a browser plays one recording for a while: the player of a page sends no API key.
//
//   /api/v1/calls/12/recordings/3/play?project_id=1&expires=1795273200&signature=…
//
// The signature covers the project, the call, the recording and the time, with a secret of this
// data folder, so that none of them can be changed and nothing has to be stored.
#pragma once

#include <string>

#include "serve/endpoint.h"

namespace callscope::serve {

// Relative to the server. The same for some minutes, so that a page that reads its call again goes
// on with the link that it plays.
std::string play_link(const Services& services, CallId call, const store::Recording& recording);

// The project of the recording that the request's path names. kInvalidArgument where the query is
// not that of a link, kPermissionDenied where the link is another recording's or has expired.
Result<ProjectId> check_play_link(const Services& services, const http::Request& request);

}  // namespace callscope::serve
