// Asks a server's API over HTTP, for the commands.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "main/target.h"

namespace callscope {

class ApiClient {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  // Every request is about `project`, unless that is 0.
  ApiClient(ServerTarget server, ProjectId project);
  ~ApiClient();

  // `path` is below /api/v1/, such as "calls/17". Returns the body of an answer that is no error;
  // an error is the one that the server tells.
  Result<std::string> get(std::string_view path, const Parameters& parameters = {});
  Result<std::string> post(std::string_view path, std::string_view json);
  Result<std::string> patch(std::string_view path, std::string_view json);
  Result<std::string> remove(std::string_view path);

  Result<boost::json::value> get_json(std::string_view path, const Parameters& parameters = {});
  // All items of a list, page after page, up to `limit`.
  Result<boost::json::array> get_list(std::string_view path, Parameters parameters, size_t limit);

 private:
  struct Connection;
  Result<std::string> ask(std::string_view method, std::string_view path,
                          const Parameters& parameters, std::string_view body);

  const ServerTarget server_;
  const ProjectId project_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace callscope
