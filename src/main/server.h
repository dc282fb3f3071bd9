// The running server: every room joined to the next, in the order in which they start and stop.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"

namespace callscope {

struct ServerOptions {
  std::filesystem::path data = "data";
  std::string grpc = "127.0.0.1:4317";  // port 0 picks a free one
  std::string http = "127.0.0.1:4318";
  std::string tls_certificate_file;  // PEM, for both ports; empty for none
  std::string tls_key_file;
  std::string public_url;   // how browsers reach the HTTP port, where a proxy stands before it
  std::string prices_file;  // the operator's own price table
  // s3://BUCKET/PREFIX?endpoint=URL&region=REGION; empty for a folder of the data folder.
  std::string objects;
  std::string objects_access_key;  // AWS_ACCESS_KEY_ID and so on, where they are not given
  std::string objects_secret_key;
  std::string objects_session_token;
  // ARN: agents upload to the bucket itself, with credentials of this role.
  std::string upload_role;
  std::string sts;  // the token service that gives them; empty for that of AWS
  // Hosts, addresses and networks that recordings may be fetched from, besides the public internet.
  std::string fetch_allow;
  std::string bootstrap_key;  // the first key of a new data folder; empty makes one
  Limits limits;
  WebhookLimits webhook_limits;
};

class Server {
 public:
  // Opens the data folder, replays what its log holds, and answers on both ports once it returns.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, const Clock& clock);
  ~Server();

  std::string grpc_address() const;  // HOST:PORT
  std::string http_url() const;      // without a slash at its end
  // The key made at this start, because the data folder had none; empty otherwise. Shown once.
  const std::string& first_key() const;

  // Takes nothing more, lets what is under way finish, moves every span to the lake.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace callscope
