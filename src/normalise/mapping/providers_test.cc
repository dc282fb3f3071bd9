#include "normalise/mapping/providers.h"

#include <gtest/gtest.h>

#include "normalise/mapping/rules.h"

namespace callscope::normalise::mapping {
namespace {

void check(std::string_view label, std::string_view expected) {
  std::string out;
  embedded().providers.normalise(label, out);
  EXPECT_EQ(out, expected) << label;
}

TEST(Providers, KnownByManyNames) {
  check("openai", "openai");
  check("OpenAI", "openai");
  check("api.openai.com", "openai");
  check("openai.chat", "openai");
  check("openai.responses", "openai");
  check("OpenAIRealtimeLLMService", "openai");
  check("az.ai.openai", "azure.ai.openai");
  check("azure.ai.openai", "azure.ai.openai");
  check("my-resource.openai.azure.com", "azure.ai.openai");
  check("AWS Bedrock", "aws.bedrock");
  check("aws_bedrock", "aws.bedrock");
  check("bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock");
  check("polly.us-east-1.amazonaws.com", "aws");
  check("gemini", "gcp.gemini");
  check("google.generative-ai", "gcp.gemini");
  check("generativelanguage.googleapis.com", "gcp.gemini");
  check("vertex_ai", "gcp.vertex_ai");
  check("europe-west1.aiplatform.googleapis.com", "gcp.vertex_ai");
  check("google.vertex.chat", "gcp.vertex_ai");
  check("xai", "x_ai");
  check("x_ai", "x_ai");
  check("MistralAI", "mistral_ai");
  check("mistral", "mistral_ai");
  check("deepgramflux", "deepgram");
  check("DeepgramSTTService", "deepgram");
  check("livekit.plugins.deepgram.stt.STT", "deepgram");
  check("ElevenLabs", "elevenlabs");
  check("elevenlabshttp", "elevenlabs");
  check("Cartesia", "cartesia");
  check("cartesiahttp", "cartesia");
  check("Assembly AI", "assemblyai");
}

TEST(Providers, UnknownOnesKeepTheirName) {
  check("My Own Model", "my own model");
  check("acme.tts", "acme.tts");
  check("", "");
  check("STT", "stt");
  check(std::string(5'000, 'X'), std::string(5'000, 'X'));
}

TEST(Providers, BrokenTablesAreRefused) {
  for (
      const std::string_view json :
      {"", "[]", "{}",
       R"({"names":{"a":"a"},"host_suffixes":{},"strip_prefixes":[],"strip_suffixes":[]})",
       R"({"names":{"a":["A"]},"host_suffixes":{},"strip_prefixes":[],"strip_suffixes":[]})",
       R"({"names":{"a":["x"],"b":["x"]},"host_suffixes":{},"strip_prefixes":[],"strip_suffixes":[]})"}) {
    EXPECT_FALSE(Providers::load(json)) << json;
  }
}

}  // namespace
}  // namespace callscope::normalise::mapping
