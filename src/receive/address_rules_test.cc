#include "receive/address_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace callscope::receive {
namespace {

bool allows(const AddressRules& rules, const char* text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
    return rules.allows(reinterpret_cast<const sockaddr&>(v4));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
  return rules.allows(reinterpret_cast<const sockaddr&>(v6));
}

TEST(AddressRules, AllowThePublicInternetOnly) {
  const AddressRules rules = AddressRules::parse("").value();
  for (const char* address : {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1",
                              "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808"})
    EXPECT_TRUE(allows(rules, address)) << address;
  for (const char* address : {"127.0.0.1",
                              "127.8.9.1",
                              "0.0.0.0",
                              "10.0.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "100.127.255.255",
                              "224.0.0.1",
                              "255.255.255.255",
                              "192.0.0.1",
                              "198.19.0.1",
                              "::1",
                              "::",
                              "::ffff:8.8.8.8",
                              "::ffff:127.0.0.1",
                              "::127.0.0.1",
                              "fe80::1",
                              "fec0::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a9fe:a9fe",
                              "2002:7f00:1::",
                              "2001:0:1::",
                              "fd00:ec2::254"})
    EXPECT_FALSE(allows(rules, address)) << address;
}

TEST(AddressRules, AllowWhatIsListed) {
  const AddressRules rules =
      AddressRules::parse("10.1.0.0/16, 127.0.0.1,media.internal,fd00::/8,[::1]").value();
  for (const char* address : {"10.1.2.3", "127.0.0.1", "fd00::1", "::1", "8.8.8.8"})
    EXPECT_TRUE(allows(rules, address)) << address;
  for (const char* address : {"10.2.0.1", "127.0.0.2", "fc00::1"})
    EXPECT_FALSE(allows(rules, address)) << address;
  EXPECT_TRUE(rules.allows_host("Media.Internal"));
  EXPECT_FALSE(rules.allows_host("x.media.internal"));
  EXPECT_FALSE(AddressRules::parse("10.0.0.0/33"));
  EXPECT_FALSE(AddressRules::parse("http://a"));
}

}  // namespace
}  // namespace callscope::receive
