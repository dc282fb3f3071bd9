#include "http/form.h"

#include <gtest/gtest.h>

#include "http/headers.h"

namespace callscope::http {
namespace {

// "name[file](type)=bytes;" of each part, or the error.
class Recorder : public FormParts {
 public:
  Result<void> begin(const FormPart& part) override {
    text += part.name;
    if (part.file_name) text += "[" + *part.file_name + "]";
    if (!part.content_type.empty()) text += "(" + part.content_type + ")";
    text += "=";
    return {};
  }
  Result<void> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  Result<void> end() override {
    text += ";";
    return {};
  }
  std::string text;
};

std::string parse(std::string_view body, size_t step, const FormLimits& limits = {}) {
  Recorder recorder;
  MultipartParser parser("XX", limits, recorder);
  while (!body.empty()) {
    const auto written = parser.write(body.substr(0, step));
    if (!written) return "error: " + written.error().message;
    body.remove_prefix(std::min(step, body.size()));
  }
  const auto finished = parser.finish();
  return finished ? recorder.text : "error: " + finished.error().message;
}

// The same result whatever pieces the body comes in.
void check(std::string_view body, std::string_view expected, const FormLimits& limits = {}) {
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, body.size()}) {
    EXPECT_EQ(parse(body, step, limits), expected) << "in pieces of " << step;
  }
}

constexpr std::string_view kBroken =
    "error: the form is not valid multipart/form-data: it ends before its last boundary";

TEST(MultipartParser, GivesFieldsAndFiles) {
  check(
      "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
      "--XX\r\ncontent-disposition: form-data; name=f; filename=\"a \\\"b\\\".wav\"\r\n"
      "Content-Type: audio/wav\r\n\r\n\r\n-XX\r\n--X\r\n\r\n--XX--\r\nepilogue",
      "a=1;f[a \"b\".wav](audio/wav)=\r\n-XX\r\n--X\r\n;");
  check("preamble\r\n--XX  \r\nContent-Disposition: form-data; name=\"e\"\r\n\r\n\r\n--XX--",
        "e=;");
  check(
      "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''a%20b.wav; "
      "filename=c\r\n\r\nx\r\n--XX--",
      "f[a b.wav]=x;");
  check("--XX--", "");
}

TEST(MultipartParser, RefusesWhatIsBroken) {
  check("", kBroken);
  check("--X", kBroken);
  check("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1", kBroken);
  check("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX\r\n", kBroken);
  check("--XXY\r\n",
        "error: the form is not valid multipart/form-data: neither a line end nor \"--\" follows a "
        "boundary");
  check("--XX\r\nContent-Type: text/plain\r\n\r\n1\r\n--XX--",
        "error: the form is not valid multipart/form-data: a part has no name in its "
        "Content-Disposition");
  check(
      "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\n1\r\n--XX--",
      "error: the form is not valid multipart/form-data: Content-Transfer-Encoding must be binary, "
      "not base64");
}

TEST(MultipartParser, HoldsLimits) {
  const std::string part = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
  check(part + part + "--XX--", "error: the form has more than 1 parts", {.parts_max = 1});
  check("--XX\r\nX: " + std::string(300, 'x') + "\r\n\r\n--XX--",
        "error: the head of a part of the form has more than 100 bytes",
        {.part_header_bytes_max = 100});
}

TEST(MultipartParser, ReadsTheBoundary) {
  const auto boundary = [](std::string_view type) {
    const auto found = MultipartParser::boundary_of(type);
    return found ? *found : "error";
  };
  EXPECT_EQ(boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary("multipart/form-data; charset=utf-8; Boundary=\"a b;c\""), "a b;c");
  EXPECT_EQ(boundary("multipart/form-data"), "error");
  EXPECT_EQ(boundary("multipart/form-data; boundary="), "error");
  EXPECT_EQ(boundary("multipart/form-data; boundary=" + std::string(201, 'x')), "error");
}

TEST(ParseUrlencoded, ReadsFields) {
  const auto fields = parse_urlencoded("a=1+2&b=%7B%22x%22%3A1%7D&a=", {});
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (FormFields{{"a", "1 2"}, {"b", R"({"x":1})"}, {"a", ""}}));
  EXPECT_FALSE(parse_urlencoded("a=%zz", {}));
  EXPECT_EQ(parse_urlencoded("a&b&c", {.parts_max = 2}).error().code, ErrorCode::kTooLarge);
}

TEST(HeaderParameter, FindsQuotedAndPlain) {
  EXPECT_EQ(header_parameter("x; a=1; b=\"2; 3\"; c", "b"), "2; 3");
  EXPECT_EQ(header_parameter("x; a=1; b=\"2; 3\"; c", "c"), "");
  EXPECT_EQ(header_parameter("x; a=\"C:\\dir\\f\"", "a"), "C:\\dir\\f");
  EXPECT_EQ(header_parameter("x; a=\"open", "a"), "open");
  EXPECT_EQ(header_parameter("x; a=1", "x"), std::nullopt);
  EXPECT_EQ(header_parameter("", "x"), std::nullopt);
}

}  // namespace
}  // namespace callscope::http
