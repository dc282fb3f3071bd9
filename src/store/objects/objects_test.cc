#include "store/objects/objects.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace callscope::store {
namespace {

namespace fs = std::filesystem;

class ObjectFolderTest : public testing::Test {
 protected:
  ObjectFolderTest() {
    std::string pattern = (fs::temp_directory_path() / "objects_test_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    open();
  }
  ~ObjectFolderTest() override { fs::remove_all(root_); }

  void open() {
    auto opened = open_object_folder(root_ / "objects");
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void put(std::string_view key, std::string_view bytes) {
    auto writer = store_->put(key);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->write(bytes));
    ASSERT_TRUE((*writer)->commit());
  }
  std::string get(std::string_view key) {
    const auto reader = store_->get(key);
    if (!reader) return "error " + std::string(to_string(reader.error().code));
    std::string bytes((*reader)->size(), '\0');
    EXPECT_TRUE((*reader)->read(0, bytes));
    return bytes;
  }
  std::string keys(std::string_view prefix = "", std::string_view after = "", size_t limit = 100) {
    const auto list = store_->list(prefix, after, limit);
    EXPECT_TRUE(list);
    std::string text;
    for (const ObjectEntry& entry : *list) text += fmt::format("{}:{} ", entry.key, entry.bytes);
    return text;
  }

  fs::path root_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(ObjectFolderTest, KeepsObjectsAndListsThem) {
  put("a/1/x.wav", "hello");
  put("a/2", "");
  put("b", "world!");
  put("b", "again");
  EXPECT_EQ(get("a/1/x.wav"), "hello");
  EXPECT_EQ(get("b"), "again");
  EXPECT_EQ(keys(), "a/1/x.wav:5 a/2:0 b:5 ");
  EXPECT_EQ(keys("a/"), "a/1/x.wav:5 a/2:0 ");
  EXPECT_EQ(keys("", "a/1/x.wav", 1), "a/2:0 ");
  EXPECT_EQ(store_->size("b").value(), 5u);
  EXPECT_EQ(get("nope"), "error not_found");
  EXPECT_EQ(get("a"), "error not_found");  // a folder is no object

  const auto reader = store_->get("a/1/x.wav").value();
  EXPECT_TRUE(store_->remove("a/1/x.wav"));
  std::string part(3, '\0');
  EXPECT_TRUE(reader->read(2, part));  // who reads it reads on
  EXPECT_EQ(part, "llo");
  EXPECT_FALSE(reader->read(4, part));
  EXPECT_TRUE(store_->remove("a/1/x.wav"));
  EXPECT_TRUE(store_->remove("a/2"));
  EXPECT_EQ(keys(), "b:5 ");
  EXPECT_FALSE(fs::exists(root_ / "objects/a"));
}

TEST_F(ObjectFolderTest, AnUnfinishedObjectIsNotThere) {
  put("a", "old");
  {
    auto writer = store_->put("a").value();
    ASSERT_TRUE(writer->write("new"));
    EXPECT_EQ(get("a"), "old");
  }
  EXPECT_EQ(get("a"), "old");
  EXPECT_TRUE(fs::is_empty(root_ / "objects/.tmp"));
  std::ofstream(root_ / "objects/.tmp/7") << "of a crash";
  open();
  EXPECT_TRUE(fs::is_empty(root_ / "objects/.tmp"));
  EXPECT_EQ(keys(), "a:3 ");
}

TEST_F(ObjectFolderTest, LeavesRoomOnTheDisk) {
  store_ = std::move(open_object_folder(root_ / "objects", INT64_MAX)).value();
  EXPECT_EQ(store_->put("a").error().code, ErrorCode::kUnavailable);
}

TEST_F(ObjectFolderTest, StaysWithinItsFolder) {
  std::ofstream(root_ / "secret") << "secret";
  for (const std::string& key :
       {std::string("../secret"), std::string("a/../../secret"), std::string("/etc/passwd"),
        std::string(""), std::string("a//b"), std::string("a/"), std::string("."),
        std::string(".tmp/1"), std::string("a\0b", 3), std::string("a b"), std::string("a\\b"),
        std::string(600, 'a'), std::string(300, 'a')}) {
    EXPECT_EQ(get(key), "error invalid_argument") << key;
    EXPECT_FALSE(store_->put(key)) << key;
    EXPECT_FALSE(store_->remove(key)) << key;
  }
}

}  // namespace
}  // namespace callscope::store
