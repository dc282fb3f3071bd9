// Forms: application/x-www-form-urlencoded, and multipart/form-data whose files are passed on while
// they arrive.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/body_sink.h"

namespace callscope::http {

struct FormLimits {
  size_t parts_max = 256;
  size_t part_header_bytes_max = 8 * 1024;
  size_t fields_bytes_max = 16u << 20;  // names and values of all fields that are no files
};

struct FormPart {
  std::string name;
  std::optional<std::string> file_name;  // as sent: a path in it means nothing here
  std::string content_type;              // empty where the part does not say
};

// What a parser of multipart/form-data gives the parts to, in their order.
class FormParts {
 public:
  virtual ~FormParts() = default;
  virtual Result<void> begin(const FormPart& part) = 0;
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> end() = 0;
};

// Reads multipart/form-data (RFC 7578) from pieces of any size. Holds no more of it than the head
// of one part.
class MultipartParser {
 public:
  // The boundary of a Content-Type. kInvalidArgument where there is none that will do.
  static Result<std::string> boundary_of(std::string_view content_type);

  MultipartParser(std::string_view boundary, const FormLimits& limits, FormParts& parts);

  Result<void> write(std::string_view bytes);
  // kInvalidArgument where the form has not come to its end.
  Result<void> finish() const;

 private:
  enum class State { kBody, kDelimiter, kHead, kDone };

  bool read_body(std::string_view& rest, Result<void>& result);
  bool read_delimiter(std::string_view& rest, Result<void>& result);
  bool read_head(std::string_view& rest, Result<void>& result);
  Result<void> pass_on(std::string_view bytes);

  const std::string delimiter_;  // "\r\n--boundary"
  const FormLimits limits_;
  FormParts& parts_;
  State state_ = State::kBody;
  bool is_in_part_ = false;  // false: before the first, where bytes mean nothing
  size_t part_count_ = 0;
  std::string pending_;  // what could not be told yet
};

// The fields of an application/x-www-form-urlencoded body.
using FormFields = std::vector<std::pair<std::string, std::string>>;
Result<FormFields> parse_urlencoded(std::string_view body, const FormLimits& limits);

// Where the bytes of a file go. One that goes without having been handed over was not complete.
class FileSink {
 public:
  virtual ~FileSink() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
};

struct FormFile {
  FormPart part;
  std::unique_ptr<FileSink> sink;  // has all bytes of the file
};

struct Form {
  FormFields fields;  // in order; a name may come more than once
  std::vector<FormFile> files;

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
};

using OpenFile = std::function<Result<std::unique_ptr<FileSink>>(const FormPart& part)>;

// A sink that reads either kind of form, as the request's Content-Type says, and hands it to
// `done`. `open_file` is asked for every part with a file name; nullptr from it takes the part as a
// field. kUnsupported for another Content-Type.
Result<std::unique_ptr<BodySink>> read_form(const Request& request, const FormLimits& limits,
                                            OpenFile open_file,
                                            std::function<void(Form form, Responder)> done);

}  // namespace callscope::http
