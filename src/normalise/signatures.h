// How senders prove who they are: signatures of webhooks, LiveKit's access tokens, and the
// signature that we put on webhooks of our own. Secrets are compared in constant time, and the time
// is the caller's. An error is kUnauthenticated and says what is wrong, never what was expected.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace callscope::normalise {

// How far a signed time may lie from ours, in both directions, before we take it for a replay.
inline constexpr DurationNs kRetellAgeMax = DurationNs::from_s(5 * 60);
inline constexpr DurationNs kElevenLabsAgeMax = DurationNs::from_s(30 * 60);
// What two machines' clocks may differ by.
inline constexpr DurationNs kTokenLeeway = DurationNs::from_s(60);

// `header` is x-retell-signature: "v=<ms>,d=<hex>", where the digest is HMAC-SHA256 by the API key
// of the body followed by those milliseconds; or, from older senders, the digest of the body alone,
// which carries no time and so can be replayed.
Result<void> check_retell_signature(std::string_view header, std::string_view body,
                                    std::string_view api_key, TimeNs now);

// `header` is ElevenLabs-Signature: "t=<s>,v0=<hex>", where the digest is HMAC-SHA256 by the
// webhook's secret of those seconds, a dot, and the body. Several v0 may stand in it while a secret
// is being replaced; one that fits is enough.
Result<void> check_elevenlabs_signature(std::string_view header, std::string_view body,
                                        std::string_view secret, TimeNs now);

// `header` is x-vapi-secret, which is the secret itself.
Result<void> check_vapi_secret(std::string_view header, std::string_view secret);

struct LivekitKey {
  std::string_view key;  // the issuer of tokens signed with `secret`
  std::string_view secret;
};

// The API key that a token names as its issuer, not verified: it tells which secret to check with.
Result<std::string> livekit_token_issuer(std::string_view token);

// A LiveKit access token: a JWT, HS256, issued by `key`, valid at `now`, that grants writing
// observability data.
Result<void> check_livekit_token(std::string_view token, const LivekitKey& key, TimeNs now);

// What we put into X-Callscope-Signature of a webhook: "t=<s>,v1=<hex>", the digest being
// HMAC-SHA256 by the webhook's secret of those seconds, a dot, and the body.
std::string sign_webhook(std::string_view body, std::string_view secret, TimeNs now);

}  // namespace callscope::normalise
