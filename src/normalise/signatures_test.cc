#include "normalise/signatures.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "base/hash.h"

namespace callscope::normalise {
namespace {

// What the check says, or "ok".
std::string said(const Result<void>& checked) {
  if (checked) return "ok";
  EXPECT_FALSE(checked.error().field.empty());
  return checked.error().message;
}

constexpr TimeNs at_s(int64_t seconds) { return {seconds * 1'000'000'000}; }

constexpr std::string_view kNoFit = "the signature does not fit the body and the configured";

TEST(RetellSignature, IsOfTheBodyAndItsTime) {
  constexpr std::string_view kBody = R"({"event":"call_ended"})";
  constexpr std::string_view kHeader =
      "v=1790000000000,d=e0ba393b4801116a5f79d7c62fa97fa10d003998eeec497c98e31372cfe93065";
  const auto check = [&](std::string_view header, std::string_view body, TimeNs now) {
    return said(check_retell_signature(header, body, "key_1", now));
  };
  const TimeNs signed_at = at_s(1'790'000'000);
  EXPECT_EQ(check(kHeader, kBody, signed_at), "ok");
  EXPECT_EQ(check(kHeader, kBody, signed_at + DurationNs::from_s(300)), "ok");
  EXPECT_EQ(check(kHeader, kBody, signed_at + DurationNs::from_s(301)),
            "it was signed more than 5 minutes from now; check both clocks");
  EXPECT_EQ(check(kHeader, kBody, signed_at - DurationNs::from_s(301)),
            "it was signed more than 5 minutes from now; check both clocks");
  EXPECT_TRUE(check(kHeader, R"({"event":"call_ender"})", signed_at).starts_with(kNoFit));
  std::string later(kHeader);
  later[14] = '1';
  EXPECT_TRUE(check(later, kBody, signed_at).starts_with(kNoFit));
  EXPECT_EQ(check("", kBody, signed_at), "the header is missing");
  EXPECT_EQ(check("v=1790000000000", kBody, signed_at),
            "expected \"v=<milliseconds>,d=<hex digest>\"");
  EXPECT_EQ(check("v=99999999999999999999,d=00", kBody, signed_at),
            "its time is not a number of milliseconds");
  EXPECT_EQ(said(check_retell_signature(kHeader, kBody, "", signed_at)),
            "no API key of Retell is configured to check with");
}

TEST(RetellSignature, OlderSendersSignTheBodyAlone) {
  constexpr std::string_view kHeader =
      "e8eed1c5d4504c9dbcaf013e6eec22490649002ed9941d72fbb07da659dc4cdc";
  EXPECT_EQ(said(check_retell_signature(kHeader, R"({"event":"call_ended"})", "key_1", at_s(1))),
            "ok");
  EXPECT_TRUE(said(check_retell_signature(kHeader, "{}", "key_1", at_s(1))).starts_with(kNoFit));
  EXPECT_TRUE(said(check_retell_signature("zz", "{}", "key_1", at_s(1))).starts_with(kNoFit));
}

TEST(ElevenLabsSignature, OneOfItsDigestsFits) {
  constexpr std::string_view kBody = R"({"type":"x"})";
  constexpr std::string_view kDigest =
      "v0=45ebf4473b6fccbd2a4001c167f251875a92638251d438937e040ad2f080ea3b";
  const auto check = [&](std::string header, int64_t now_s) {
    return said(check_elevenlabs_signature(header, kBody, "wsec_1", at_s(now_s)));
  };
  const std::string good(kDigest);
  EXPECT_EQ(check("t=1790000000," + good, 1'790'000'000), "ok");
  EXPECT_EQ(check("t=1790000000, v0=00, " + good, 1'790'001'799), "ok");
  EXPECT_EQ(check("t=1790000000," + good, 1'790'001'801),
            "it was signed more than 30 minutes from now; check both clocks");
  EXPECT_TRUE(check("t=1790000001," + good, 1'790'000'000).starts_with(kNoFit));
  EXPECT_EQ(check("t=now," + good, 1'790'000'000), "its time is not a number of seconds");
  EXPECT_EQ(check(good, 1'790'000'000), "expected \"t=<seconds>,v0=<hex digest>\"");
}

TEST(VapiSecret, IsTheSecretItself) {
  EXPECT_EQ(said(check_vapi_secret("hush", "hush")), "ok");
  EXPECT_EQ(said(check_vapi_secret("hus", "hush")), "it is not the configured secret");
  EXPECT_EQ(said(check_vapi_secret("", "hush")), "the header is missing");
  EXPECT_EQ(said(check_vapi_secret("", "")), "no secret of Vapi is configured to check with");
}

constexpr LivekitKey kPair = {"APIkey123", "secret-of-the-key-that-is-long-enough"};

// As livekit-api 1.x makes it, with_observability_grants(write) and a time to live of 6 hours.
constexpr std::string_view kRealToken =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJvYnNlcnZhYmlsaXR5Ijp7IndyaXRlIjp0cnVlfSwic3ViIjoiIiwiaXNzIjoiQVBJa2V5MTIzIiwibmJmIjoxNzk1"
    "Mjg5OTI0LCJleHAiOjE3OTUzMTE1MjR9.OKJt87GuWNZvV4_XigaPj8xmgdGEUzy4KQFmIdV6L-0";

std::string signed_token(std::string_view header, std::string_view claims) {
  const std::string text = to_base64(header) + "." + to_base64(claims);
  return text + "." + to_base64(hmac_sha256(kPair.secret, text));
}

TEST(LivekitToken, ARealOneIsGoodForSixHours) {
  const auto check = [](int64_t now_s) {
    return said(check_livekit_token(kRealToken, kPair, at_s(now_s)));
  };
  EXPECT_EQ(check(1'795'289'924), "ok");
  EXPECT_EQ(check(1'795'289'924 - 60), "ok");
  EXPECT_EQ(check(1'795'289'924 - 61), "the token is not valid yet; check both clocks");
  EXPECT_EQ(check(1'795'311'524 + 60), "ok");
  EXPECT_EQ(check(1'795'311'524 + 61), "the token has expired");
  EXPECT_EQ(*livekit_token_issuer(kRealToken), "APIkey123");
  EXPECT_EQ(
      said(check_livekit_token(kRealToken, {"APIkey123", "another secret"}, at_s(1'795'289'924))),
      "the token's signature does not fit the configured secret");
  EXPECT_EQ(said(check_livekit_token(kRealToken, {"APIkey124", kPair.secret}, at_s(1'795'289'924))),
            "the token's issuer is not the configured API key");
  EXPECT_EQ(said(check_livekit_token(kRealToken, {}, at_s(1'795'289'924))),
            "no key pair of LiveKit is configured to check with");
}

TEST(LivekitToken, OthersAreRefused) {
  constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
  const auto check = [](std::string_view header, std::string_view claims) {
    return said(check_livekit_token(signed_token(header, claims), kPair, at_s(1000)));
  };
  EXPECT_EQ(check(kHeader, R"({"iss":"APIkey123","exp":2000,"observability":{"write":true}})"),
            "ok");
  EXPECT_EQ(check(kHeader, R"({"iss":"APIkey123","exp":2000.5,"observability":{"write":true}})"),
            "ok");
  EXPECT_EQ(check(R"({"alg":"none"})",
                  R"({"iss":"APIkey123","exp":2000,"observability":{"write":true}})"),
            "the token is not signed by HS256");
  EXPECT_EQ(check(kHeader, R"({"iss":"APIkey123","observability":{"write":true}})"),
            "the token never expires; LiveKit's own always do");
  EXPECT_EQ(check(kHeader, R"({"iss":"APIkey123","exp":"soon","observability":{"write":true}})"),
            "the token's claim \"exp\" is no time");
  for (const std::string_view claims :
       {R"({"iss":"APIkey123","exp":2000,"video":{"roomJoin":true}})",
        R"({"iss":"APIkey123","exp":2000,"observability":{"write":false}})",
        R"({"iss":"APIkey123","exp":2000,"observability":true})"}) {
    const auto checked = check_livekit_token(signed_token(kHeader, claims), kPair, at_s(1000));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::kPermissionDenied);
  }
  for (const std::string_view token : {"", "x", "a.b", "..", "!.!.!", "e30.e30", "W10.W10.e30"}) {
    EXPECT_EQ(said(check_livekit_token(token, kPair, at_s(1000))).substr(0, 9), "the token");
    EXPECT_FALSE(livekit_token_issuer(token));
  }
}

TEST(OurWebhooks, CarryTimeAndDigest) {
  EXPECT_EQ(sign_webhook(R"({"type":"x"})", "wsec_1", at_s(1'790'000'000)),
            "t=1790000000,v1=45ebf4473b6fccbd2a4001c167f251875a92638251d438937e040ad2f080ea3b");
}

}  // namespace
}  // namespace callscope::normalise
