#include "normalise/mapping/providers.h"

#include <boost/json.hpp>

#include "base/text.h"

namespace callscope::normalise::mapping {
namespace {

namespace json = boost::json;

// Labels longer than this are no provider's name.
constexpr size_t kLabelBytesMax = 96;

// Lower-case letters and digits of `label`, in `buffer` of kLabelBytesMax bytes.
std::string_view squeeze(std::string_view label, char* buffer) {
  size_t n = 0;
  for (const char c : label) {
    if (c >= 'A' && c <= 'Z') {
      buffer[n++] = static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      buffer[n++] = c;
    }
  }
  return {buffer, n};
}

bool read_strings(const json::object& root, std::string_view key, std::vector<std::string>& out) {
  const json::value* list = root.if_contains(key);
  if (list == nullptr || !list->is_array()) return false;
  for (const json::value& item : list->get_array()) {
    if (!item.is_string()) return false;
    out.emplace_back(item.get_string());
  }
  return true;
}

}  // namespace

Result<Providers> Providers::load(std::string_view text) {
  const auto fault = [](std::string_view what) {
    return Error{ErrorCode::kInvalidArgument, "providers.json: " + std::string(what)};
  };
  json::error_code failed;
  const json::value root = json::parse({text.data(), text.size()}, failed);
  if (failed || !root.is_object()) return fault("not a JSON object");
  const json::object& object = root.get_object();
  Providers out;
  const json::value* names = object.if_contains("names");
  const json::value* hosts = object.if_contains("host_suffixes");
  if (names == nullptr || !names->is_object() || hosts == nullptr || !hosts->is_object()) {
    return fault("names and host_suffixes must be objects");
  }
  char buffer[kLabelBytesMax];
  for (const auto& [provider, aliases] : names->get_object()) {
    if (!aliases.is_array()) return fault("each name must have a list");
    for (const json::value& alias : aliases.get_array()) {
      if (!alias.is_string() || alias.get_string().size() > kLabelBytesMax) {
        return fault("each alias must be a short string");
      }
      const std::string_view spelling(alias.get_string());
      if (squeeze(spelling, buffer) != spelling) {
        return fault("not in lower-case letters and digits: " + std::string(spelling));
      }
      if (!out.by_name_.emplace(spelling, std::string(provider)).second) {
        return fault("named twice: " + std::string(spelling));
      }
    }
  }
  for (const auto& [suffix, provider] : hosts->get_object()) {
    if (!provider.is_string()) return fault("each host suffix must name a provider");
    out.by_host_suffix_.emplace_back(std::string(suffix), std::string(provider.get_string()));
  }
  if (!read_strings(object, "strip_prefixes", out.strip_prefixes_) ||
      !read_strings(object, "strip_suffixes", out.strip_suffixes_)) {
    return fault("strip_prefixes and strip_suffixes must be lists of strings");
  }
  return out;
}

const std::string* Providers::find(std::string_view squeezed) const {
  const auto at = by_name_.find(squeezed);
  return at == by_name_.end() ? nullptr : &at->second;
}

void Providers::normalise(std::string_view label, std::string& out) const {
  if (label.size() > kLabelBytesMax) {
    out = label;
    return;
  }
  char buffer[kLabelBytesMax];
  std::string_view squeezed = squeeze(label, buffer);
  if (const std::string* name = find(squeezed)) {
    out = *name;
    return;
  }
  const std::string lowered = lower_case(label);
  for (const auto& [suffix, provider] : by_host_suffix_) {
    if (lowered.ends_with(suffix)) {
      out = provider;
      return;
    }
  }
  // "livekit.plugins.deepgram.stt.STT" and "openai.chat": the first segment behind the package.
  std::string_view segment = lowered;
  for (const std::string& prefix : strip_prefixes_) {
    if (segment.starts_with(prefix)) segment.remove_prefix(prefix.size());
  }
  segment = segment.substr(0, segment.find('.'));
  squeezed = squeeze(segment, buffer);
  // "DeepgramFluxSTTService" loses its endings one at a time until a name fits.
  for (bool stripped = true; stripped;) {
    if (const std::string* name = find(squeezed)) {
      out = *name;
      return;
    }
    stripped = false;
    for (const std::string& suffix : strip_suffixes_) {
      if (squeezed.size() > suffix.size() && squeezed.ends_with(suffix)) {
        squeezed.remove_suffix(suffix.size());
        stripped = true;
        break;
      }
    }
  }
  out = lowered;
}

}  // namespace callscope::normalise::mapping
