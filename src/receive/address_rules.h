// Which addresses the server may fetch from. Whoever names a URL must not reach through us what
// only we can reach: this machine, its network, the address that tells a cloud machine its secrets.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::receive {

class AddressRules {
 public:
  // Takes what else is allowed: hosts ("media.internal"), addresses and networks ("10.1.0.0/16"),
  // with commas between them.
  static Result<AddressRules> parse(std::string_view allowed);

  // Whether every address of that host is allowed.
  bool allows_host(std::string_view host) const;
  // Whether an address on the public internet, or one that is allowed.
  bool allows(const sockaddr& address) const;

 private:
  // IPv4 addresses are kept as the IPv6 ones they map to.
  using Bytes = std::array<uint8_t, 16>;
  struct Network {
    Bytes address{};
    int prefix_bits = 0;
    bool contains(const Bytes& other) const;
  };
  static bool parse_network(std::string_view text, Network& network);
  static bool is_public(const Bytes& address);

  std::vector<std::string> hosts_;
  std::vector<Network> networks_;
};

}  // namespace callscope::receive
