// `callscope serve`: runs the server until it is told to stop.
#pragma once

#include "main/server.h"

namespace callscope {

// Prints `ready grpc=HOST:PORT http=URL` on stdout once it answers, and on the first start the key
// and how to point an exporter here. Returns the exit status, after SIGTERM or SIGINT.
int serve(ServerOptions options);

}  // namespace callscope
