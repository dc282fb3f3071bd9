// Webhooks that providers of voice agents send: they are signed, so they may come without a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "model/report.h"
#include "serve/compat/posting.h"

namespace callscope::serve::compat {

// "retell", "elevenlabs", "vapi"; empty for a report that no provider sends.
std::string_view provider_of(model::ReportKind kind);

struct ProviderSender {
  Sender sender;
  std::optional<std::string> secret;  // that the project has for the provider
  std::string signature;              // as the header has it
};

// By the API key; without one by the project that the query names, where that has a secret.
Result<ProviderSender> identify_provider(const Services& services, std::string_view provider,
                                         const http::Request& request);

// Where the project has a secret, the body has to be signed with it.
Result<void> check_signature(const Services& services, std::string_view provider,
                             const ProviderSender& from, std::string_view body);

// Whether it is one of the many messages of Vapi that are about no ended call.
bool is_passed_over(model::ReportKind kind, std::string_view body);

// Takes ElevenLabs' audio out of its report: the recording, null where the report has none.
Result<std::shared_ptr<receive::RecordingWriter>> take_audio(const Services& services,
                                                             ProjectId project, std::string& body);

}  // namespace callscope::serve::compat
