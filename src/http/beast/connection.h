// One client's connection, from the first byte to the last. Everything here runs on its IoThread.
#pragma once

#include <memory>

#include "http/beast/io_thread.h"

namespace callscope::http {

class Connection {
 public:
  // Serves `socket`, which belongs to `io`, until the client or the server is done with it. Call it
  // on that thread, after the connection was counted in ServerShared::connections.
  static void start(const std::shared_ptr<IoThread>& io, boost::asio::ip::tcp::socket socket);

  virtual ~Connection() = default;

  // Closes now where no request is under way, else after the answer to it.
  virtual void drain() = 0;
  // Closes now.
  virtual void abort() = 0;
};

}  // namespace callscope::http
