#include "receive/address_rules.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/headers.h"
#include "http/split.h"

namespace callscope::receive {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// Of the registries of special-purpose addresses (RFC 6890 and its updates), and multicast.
constexpr const char* kNotPublic[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b:1::/48",  "100::/64",       "2001::/23",      "2001:db8::/32",
    "2002::/16",     "3fff::/20",       "5f00::/16",      "fc00::/7",       "fe80::/9",
    "ff00::/8"};

}  // namespace

bool AddressRules::Network::contains(const Bytes& other) const {
  const auto whole = static_cast<size_t>(prefix_bits / 8);
  if (!std::equal(address.begin(), address.begin() + static_cast<ptrdiff_t>(whole), other.begin()))
    return false;
  const int rest = prefix_bits % 8;
  if (rest == 0) return true;
  const int mask = 0xFF << (8 - rest) & 0xFF;
  return (address[whole] & mask) == (other[whole] & mask);
}

bool AddressRules::parse_network(std::string_view text, Network& network) {
  const size_t slash = text.find('/');
  std::string address(text.substr(0, slash));
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  int bits_max = 0;
  if (inet_pton(AF_INET, address.c_str(), network.address.data() + kMapped.size()) == 1) {
    std::copy(kMapped.begin(), kMapped.end(), network.address.begin());
    bits_max = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) == 1) {
    bits_max = 128;
  } else {
    return false;
  }
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
    if (parsed.ec != std::errc() || parsed.ptr != end || bits < 0 || bits > bits_max) return false;
  }
  network.prefix_bits = 128 - bits_max + bits;
  return true;
}

Result<AddressRules> AddressRules::parse(std::string_view allowed) {
  AddressRules rules;
  while (!allowed.empty()) {
    std::string_view entry = http::take_until(allowed, ',');
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (entry.empty()) continue;
    Network network;
    if (parse_network(entry, network)) {
      rules.networks_.push_back(network);
    } else if (entry.find_first_of("/ :") == std::string_view::npos) {
      rules.hosts_.emplace_back(entry);
    } else {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is neither a host name nor an address or network such as "
                               "10.1.0.0/16",
                               entry),
                   "fetch_allow"};
    }
  }
  return rules;
}

bool AddressRules::allows_host(std::string_view host) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& known) {
    return http::equal_ignoring_case(known, host);
  });
}

bool AddressRules::allows(const sockaddr& address) const {
  Bytes bytes{};
  if (address.sa_family == AF_INET) {
    std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
    std::memcpy(bytes.data() + kMapped.size(),
                &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  } else if (address.sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
  } else {
    return false;
  }
  const bool is_listed = std::any_of(networks_.begin(), networks_.end(),
                                     [&](const Network& n) { return n.contains(bytes); });
  if (is_listed) return true;
  // A socket of the other family with an IPv4 address in it is a way around, never a public server.
  const bool is_mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  return is_public(bytes) && !(address.sa_family == AF_INET6 && is_mapped);
}

bool AddressRules::is_public(const Bytes& address) {
  static const std::vector<Network> kNetworks = [] {
    std::vector<Network> networks;
    for (const char* text : kNotPublic) parse_network(text, networks.emplace_back());
    return networks;
  }();
  // NAT64 leads to the IPv4 address in its last four bytes.
  constexpr std::array<uint8_t, 12> kNat64 = {0x00, 0x64, 0xFF, 0x9B};
  Bytes meant = address;
  if (std::equal(kNat64.begin(), kNat64.end(), address.begin()))
    std::copy(kMapped.begin(), kMapped.end(), meant.begin());
  return std::none_of(kNetworks.begin(), kNetworks.end(),
                      [&](const Network& network) { return network.contains(meant); });
}

}  // namespace callscope::receive
