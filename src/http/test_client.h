// A blocking HTTP client for tests: sends exactly the bytes it is told to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "http/headers.h"
#include "http/split.h"

namespace callscope::http {

struct ClientResponse {
  int status = 0;  // 0: the connection closed without an answer
  Headers headers;
  std::string body;
};

class TestClient {
 public:
  explicit TestClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Long enough for a busy machine; a test that waits for it has failed.
    const timeval timeout{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    is_connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool is_connected() const { return is_connected_; }

  // False where the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  void finish_sending() { shutdown(socket_, SHUT_WR); }

  // Waits until one of the two has something to read, and returns it.
  static TestClient& first_to_answer(TestClient& a, TestClient& b) {
    pollfd both[] = {{a.socket_, POLLIN, 0}, {b.socket_, POLLIN, 0}};
    poll(both, 2, 20'000);
    return both[0].revents != 0 ? a : b;
  }

  // Reads up to and with `end`; everything there is where it does not come.
  std::string read_until(std::string_view end) {
    size_t at;
    while ((at = input_.find(end)) == std::string::npos && receive()) {
    }
    return take(at == std::string::npos ? input_.size() : at + end.size());
  }
  std::string read_exactly(size_t size) {
    while (input_.size() < size && receive()) {
    }
    return take(std::min(size, input_.size()));
  }
  // Whether the peer closes before it sends anything more.
  bool is_closed_by_peer() { return input_.empty() && !receive(); }

  ClientResponse read_response(std::string_view method = "GET") {
    ClientResponse response;
    const std::string head = read_until("\r\n\r\n");
    std::string_view lines = head;
    const std::string_view status_line = take_until(lines, '\n');
    if (!status_line.starts_with("HTTP/1.")) return response;
    response.status = std::atoi(std::string(status_line.substr(9, 3)).c_str());
    while (lines.size() > 2) {
      std::string_view line = take_until(lines, '\n');
      const std::string_view name = take_until(line, ':');
      response.headers.add(name, line.substr(1, line.size() - 2));
    }
    if (method == "HEAD" || response.status == 204 || response.status == 304) return response;
    if (const auto length = response.headers.find("Content-Length")) {
      response.body = read_exactly(static_cast<size_t>(std::atoll(std::string(*length).c_str())));
    } else if (response.headers.get("Transfer-Encoding") == "chunked") {
      for (std::string chunk = read_chunk(); !chunk.empty(); chunk = read_chunk())
        response.body += chunk;
    } else {
      response.body = read_until("\xFF no such bytes");
    }
    return response;
  }
  std::string read_chunk() {
    const size_t size = std::strtoul(read_until("\r\n").c_str(), nullptr, 16);
    std::string chunk = read_exactly(size);
    read_until("\r\n");
    return chunk;
  }

 private:
  bool receive() {
    char buffer[65536];
    const ssize_t n = recv(socket_, buffer, sizeof buffer, 0);
    if (n > 0) input_.append(buffer, static_cast<size_t>(n));
    return n > 0;
  }
  std::string take(size_t size) {
    std::string bytes = input_.substr(0, size);
    input_.erase(0, size);
    return bytes;
  }

  int socket_;
  bool is_connected_ = false;
  std::string input_;
};

// One request on a connection of its own.
inline ClientResponse fetch(uint16_t port, std::string_view method, std::string_view target,
                            const Headers& headers = {}, std::string_view body = {}) {
  TestClient client(port);
  std::string request =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "Connection: close\r\n\r\n";
  client.send(request);
  client.send(body);
  return client.read_response(method);
}

}  // namespace callscope::http
