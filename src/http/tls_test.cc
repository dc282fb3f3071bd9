#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>

#include "http/server.h"
#include "http/test_client.h"

namespace callscope::http {
namespace {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

// A key and a certificate signed by itself, as PEM files in `folder`.
CertificateFiles make_certificate(const std::filesystem::path& folder) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  CertificateFiles files{folder / "certificate.pem", folder / "key.pem"};
  FILE* out = fopen(files.certificate.c_str(), "w");
  PEM_write_X509(out, certificate);
  fclose(out);
  out = fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

// One request over TLS; the whole answer as text.
std::string fetch_tls(uint16_t port, std::string_view request) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  BIO* bio = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(bio, ("127.0.0.1:" + std::to_string(port)).c_str());
  std::string answer;
  if (BIO_do_connect(bio) == 1) {
    BIO_write(bio, request.data(), static_cast<int>(request.size()));
    char buffer[4096];
    for (int n; (n = BIO_read(bio, buffer, sizeof buffer)) > 0;)
      answer.append(buffer, static_cast<size_t>(n));
  }
  BIO_free_all(bio);
  SSL_CTX_free(context);
  return answer;
}

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "callscope-tls-XXXXXX";
    folder_ = mkdtemp(name.data());
    files_ = make_certificate(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  CertificateFiles files_;
};

TEST_F(TlsTest, AnswersOverTlsOnly) {
  auto router = std::make_shared<Router>();
  router->add("GET", "/", [](Request, Responder out) {
    out.send(Response::text(200, std::string(200'000, 'a')));
  });
  auto server = Server::start(
      {.tls_certificate_file = files_.certificate, .tls_key_file = files_.key}, router);
  ASSERT_TRUE(server) << server.error().message;
  const std::string answer =
      fetch_tls((*server)->port(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer.ends_with(std::string(200'000, 'a')));
  EXPECT_NE(fetch((*server)->port(), "GET", "/").status, 200);
}

TEST_F(TlsTest, RefusesAKeyThatDoesNotFit) {
  const std::filesystem::path other = folder_ / "other";
  std::filesystem::create_directory(other);
  const auto server = Server::start(
      {.tls_certificate_file = files_.certificate, .tls_key_file = make_certificate(other).key},
      std::make_shared<Router>());
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().field, "tls_key");
}

}  // namespace
}  // namespace callscope::http
