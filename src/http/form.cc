#include "http/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/headers.h"
#include "http/query.h"
#include "http/split.h"

namespace callscope::http {
namespace {

// RFC 2046 says 70; some senders make longer ones.
constexpr size_t kBoundaryBytesMax = 200;

Error bad_form(std::string message) {
  return {ErrorCode::kInvalidArgument, "the form is not valid multipart/form-data: " + message, ""};
}

Error too_large_fields(const FormLimits& limits) {
  return {ErrorCode::kTooLarge,
          fmt::format("the fields of the form have more than {} bytes", limits.fields_bytes_max),
          ""};
}

size_t find_bytes(std::string_view in, std::string_view what) {
  const void* const at = memmem(in.data(), in.size(), what.data(), what.size());
  if (at == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(at) - in.data());
}

// The file name of a Content-Disposition; "filename*" (RFC 5987) is in UTF-8 and comes first.
std::optional<std::string> file_name_of(std::string_view disposition) {
  if (const auto extended = header_parameter(disposition, "filename*")) {
    const size_t quote = extended->rfind('\'');
    if (quote != std::string::npos) {
      auto name = percent_decode(std::string_view(*extended).substr(quote + 1), PlusMeans::kPlus);
      if (name) return name;
    }
  }
  return header_parameter(disposition, "filename");
}

// `head` is made of lines, each behind a CRLF.
Result<FormPart> parse_head(std::string_view head) {
  FormPart part;
  std::optional<std::string> name;
  while (!head.empty()) {
    std::string_view line = take_until(head, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string_view key = take_until(line, ':');
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (equal_ignoring_case(key, "Content-Disposition")) {
      name = header_parameter(line, "name");
      part.file_name = file_name_of(line);
    } else if (equal_ignoring_case(key, "Content-Type")) {
      part.content_type = line;
    } else if (equal_ignoring_case(key, "Content-Transfer-Encoding")) {
      const std::string coding = media_type(line);
      if (coding != "binary" && coding != "8bit" && coding != "7bit")
        return bad_form("Content-Transfer-Encoding must be binary, not " + coding);
    }
  }
  if (!name) return bad_form("a part has no name in its Content-Disposition");
  part.name = std::move(*name);
  return part;
}

// Puts a form together: fields in memory, files into their sinks.
class FormBuilder final : public FormParts {
 public:
  FormBuilder(const FormLimits& limits, OpenFile open_file)
      : limits_(limits), open_file_(std::move(open_file)) {}

  Result<void> begin(const FormPart& part) override {
    file_ = nullptr;
    if (part.file_name && open_file_) {
      if (auto sink = TRY(open_file_(part))) {
        file_ = sink.get();
        form_.files.push_back({part, std::move(sink)});
        return {};
      }
    }
    form_.fields.emplace_back(part.name, "");
    return count(part.name.size());
  }

  Result<void> write(std::string_view bytes) override {
    if (file_ != nullptr) return file_->write(bytes);
    TRY(count(bytes.size()));
    form_.fields.back().second += bytes;
    return {};
  }

  Result<void> end() override { return {}; }

  Form take() { return std::move(form_); }

 private:
  Result<void> count(size_t bytes) {
    fields_bytes_ += bytes;
    if (fields_bytes_ <= limits_.fields_bytes_max) return {};
    return too_large_fields(limits_);
  }

  const FormLimits limits_;
  const OpenFile open_file_;
  Form form_;
  FileSink* file_ = nullptr;  // of the part under way, where that is a file
  size_t fields_bytes_ = 0;
};

using FormDone = std::function<void(Form, Responder)>;

class MultipartSink final : public BodySink {
 public:
  MultipartSink(std::string_view boundary, const FormLimits& limits, OpenFile open_file,
                FormDone done)
      : builder_(limits, std::move(open_file)),
        parser_(boundary, limits, builder_),
        done_(std::move(done)) {}

  Result<void> write(std::string_view bytes) override { return parser_.write(bytes); }
  Result<void> finish(Responder responder) override {
    TRY(parser_.finish());
    done_(builder_.take(), std::move(responder));
    return {};
  }

 private:
  FormBuilder builder_;
  MultipartParser parser_;
  const FormDone done_;
};

class UrlencodedSink final : public BodySink {
 public:
  UrlencodedSink(const FormLimits& limits, FormDone done)
      : limits_(limits), done_(std::move(done)) {}

  Result<void> write(std::string_view bytes) override {
    if (bytes.size() > limits_.fields_bytes_max - body_.size()) return too_large_fields(limits_);
    body_ += bytes;
    return {};
  }
  Result<void> finish(Responder responder) override {
    done_({TRY(parse_urlencoded(body_, limits_)), {}}, std::move(responder));
    return {};
  }

 private:
  const FormLimits limits_;
  const FormDone done_;
  std::string body_;
};

}  // namespace

Result<std::string> MultipartParser::boundary_of(std::string_view content_type) {
  auto boundary = header_parameter(content_type, "boundary");
  const bool is_good = boundary && !boundary->empty() && boundary->size() <= kBoundaryBytesMax &&
                       boundary->find_first_of("\r\n") == std::string::npos;
  if (is_good) return std::move(*boundary);
  return Error{ErrorCode::kInvalidArgument,
               "the Content-Type multipart/form-data needs a boundary of 1 to 200 characters",
               "Content-Type"};
}

// With a line end in front of the body, the first delimiter looks like the others.
MultipartParser::MultipartParser(std::string_view boundary, const FormLimits& limits,
                                 FormParts& parts)
    : delimiter_(fmt::format("\r\n--{}", boundary)),
      limits_(limits),
      parts_(parts),
      pending_("\r\n") {}

Result<void> MultipartParser::write(std::string_view bytes) {
  pending_ += bytes;
  std::string_view rest = pending_;
  Result<void> result;
  for (bool more = true; more && result;) {
    switch (state_) {
      case State::kBody:
        more = read_body(rest, result);
        break;
      case State::kDelimiter:
        more = read_delimiter(rest, result);
        break;
      case State::kHead:
        more = read_head(rest, result);
        break;
      case State::kDone:
        rest = {};
        more = false;
        break;
    }
  }
  pending_.erase(0, pending_.size() - rest.size());
  return result;
}

bool MultipartParser::read_body(std::string_view& rest, Result<void>& result) {
  const size_t at = find_bytes(rest, delimiter_);
  if (at == std::string_view::npos) {
    const size_t sure = rest.size() - std::min(rest.size(), delimiter_.size() - 1);
    result = pass_on(rest.substr(0, sure));
    rest.remove_prefix(sure);
    return false;
  }
  result = pass_on(rest.substr(0, at));
  if (result && is_in_part_) result = parts_.end();
  rest.remove_prefix(at + delimiter_.size());
  is_in_part_ = false;
  state_ = State::kDelimiter;
  return true;
}

// Behind a delimiter "--" ends the form, and a line end begins a part.
bool MultipartParser::read_delimiter(std::string_view& rest, Result<void>& result) {
  while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
  if (rest.size() < 2) return false;
  if (rest.starts_with("--")) {
    state_ = State::kDone;
  } else if (rest.starts_with("\r\n")) {
    state_ = State::kHead;
  } else {
    result = bad_form("neither a line end nor \"--\" follows a boundary");
  }
  return true;
}

// The line end behind the delimiter is still there, so a head without a line looks like the others.
bool MultipartParser::read_head(std::string_view& rest, Result<void>& result) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const size_t at = find_bytes(rest, kEnd);
  const size_t size = at == std::string_view::npos ? rest.size() : at;
  if (size > limits_.part_header_bytes_max) {
    result = Error{ErrorCode::kTooLarge,
                   fmt::format("the head of a part of the form has more than {} bytes",
                               limits_.part_header_bytes_max),
                   ""};
    return false;
  }
  if (at == std::string_view::npos) return false;
  if (++part_count_ > limits_.parts_max) {
    result = Error{ErrorCode::kTooLarge,
                   fmt::format("the form has more than {} parts", limits_.parts_max), ""};
    return false;
  }
  const auto part = parse_head(rest.substr(0, at));
  result = part ? parts_.begin(*part) : Result<void>(part.error());
  rest.remove_prefix(at + kEnd.size());
  is_in_part_ = true;
  state_ = State::kBody;
  return true;
}

Result<void> MultipartParser::pass_on(std::string_view bytes) {
  if (!is_in_part_ || bytes.empty()) return {};
  return parts_.write(bytes);
}

Result<void> MultipartParser::finish() const {
  if (state_ == State::kDone) return {};
  return bad_form("it ends before its last boundary");
}

Result<FormFields> parse_urlencoded(std::string_view body, const FormLimits& limits) {
  if (static_cast<size_t>(std::count(body.begin(), body.end(), '&')) >= limits.parts_max) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the form has more than {} fields", limits.parts_max), ""};
  }
  const auto query = Query::parse(body);
  if (!query) {
    return Error{ErrorCode::kInvalidArgument,
                 "the form is not valid application/x-www-form-urlencoded", ""};
  }
  return FormFields(query->begin(), query->end());
}

std::optional<std::string_view> Form::find(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<std::unique_ptr<BodySink>> read_form(const Request& request, const FormLimits& limits,
                                            OpenFile open_file, FormDone done) {
  const std::string_view header = request.headers.get("Content-Type");
  const std::string type = media_type(header);
  if (type == "application/x-www-form-urlencoded")
    return std::unique_ptr<BodySink>(std::make_unique<UrlencodedSink>(limits, std::move(done)));
  if (type != "multipart/form-data") {
    return Error{ErrorCode::kUnsupported,
                 "Content-Type must be multipart/form-data or application/x-www-form-urlencoded",
                 "Content-Type"};
  }
  const std::string boundary = TRY(MultipartParser::boundary_of(header));
  return std::unique_ptr<BodySink>(
      std::make_unique<MultipartSink>(boundary, limits, std::move(open_file), std::move(done)));
}

}  // namespace callscope::http
