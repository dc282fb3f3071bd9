#include "receive/upload_credentials.h"

#include "store/catalog/catalog_fixture.h"

namespace callscope::receive {
namespace {

class UploadKeysTest : public store::CatalogTest {
 protected:
  UploadKeys keys() { return ok(UploadKeys::open(*catalog, DurationNs::from_s(60))); }
};

TEST_F(UploadKeysTest, ATokenSaysWhatItIsForAfterARestartToo) {
  const UploadCredentials made = keys().make_upload_credentials(3, 7, "recordings/3/x", clock.time);
  EXPECT_EQ(made.bucket, "callscope-recordings");
  EXPECT_EQ(made.key, "recordings/3/x");
  EXPECT_EQ(made.expires_at, clock.time + DurationNs::from_s(60));
  catalog = nullptr;
  catalog = open();
  const UploadKeys again = keys();
  const auto grant = again.grant_of(made.session_token);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->project, 3);
  EXPECT_EQ(grant->agent, 7);
  EXPECT_EQ(grant->key, "recordings/3/x");
  EXPECT_EQ(grant->expires_at, made.expires_at);
  EXPECT_EQ(again.secret_key_of(made.session_token), made.secret_key);
  EXPECT_EQ(again.access_key_of(made.session_token), made.access_key);
}

TEST_F(UploadKeysTest, AForgedTokenIsNone) {
  const UploadKeys ours = keys();
  const std::string token = ours.make_upload_credentials(1, 1, "", clock.time).session_token;
  for (size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    const auto grant = ours.grant_of(forged);
    // The last character of base64 may have bits that mean nothing.
    EXPECT_TRUE(!grant || grant->key == ours.grant_of(token)->key) << i;
    EXPECT_NE(ours.secret_key_of(forged), ours.secret_key_of(token));
  }
  for (const char* text : {"", ".", "a", "a.b", "MXwx.AAAA"}) EXPECT_FALSE(ours.grant_of(text));
}

TEST_F(UploadKeysTest, EachHasAKeyOfItsOwn) {
  const UploadKeys ours = keys();
  const auto a = ours.make_upload_credentials(1, 1, "", clock.time);
  const auto b = ours.make_upload_credentials(1, 1, "", clock.time);
  EXPECT_NE(a.key, b.key);
  EXPECT_NE(a.secret_key, b.secret_key);
  EXPECT_TRUE(a.key.starts_with("recordings/1/"));
}

}  // namespace
}  // namespace callscope::receive
