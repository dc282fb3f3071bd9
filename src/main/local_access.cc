#include "main/local_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/file.h"
#include "main/json_view.h"

namespace callscope {
namespace {

std::filesystem::path path_in(const std::filesystem::path& data_folder) {
  return data_folder / "server.json";
}

}  // namespace

Result<void> write_local_access(const std::filesystem::path& data_folder,
                                const LocalAccess& access) {
  std::string json = "{\"url\":";
  append_json_string(json, access.url);
  json += ",\"key\":";
  append_json_string(json, access.key);
  json += ",\"certificate_file\":";
  append_json_string(json, access.certificate_file);
  json += "}\n";

  // Made anew, so that the mode holds whatever was left behind by a crash.
  const auto path = path_in(data_folder);
  TRY(remove_file(path));
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return errno_error("create", path, errno);
  const ssize_t written = ::write(file, json.data(), json.size());
  const int error = errno;
  ::close(file);
  if (written != static_cast<ssize_t>(json.size())) return errno_error("write", path, error);
  return {};
}

void remove_local_access(const std::filesystem::path& data_folder) {
  // One that stays only makes the next command say that no server answers.
  (void)remove_file(path_in(data_folder)).has_value();
}

Result<LocalAccess> read_local_access(const std::filesystem::path& data_folder) {
  const auto text = read_file(path_in(data_folder));
  if (!text) {
    return Error{
        ErrorCode::kUnavailable,
        fmt::format(
            "no server runs on the data folder {0}: start `callscope serve --data {0}`, or name "
            "one with --server URL and --key KEY",
            data_folder.string()),
        "data"};
  }
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(*text, error);
  const JsonView view = error ? JsonView() : JsonView(parsed);
  LocalAccess access{view["url"].text(), view["key"].text(), view["certificate_file"].text()};
  if (access.url.empty() || access.key.empty()) {
    return Error{ErrorCode::kDataLoss, fmt::format("{} is damaged: start the server again",
                                                   path_in(data_folder).string())};
  }
  return access;
}

}  // namespace callscope
