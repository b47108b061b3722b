#include "deploy/control/request.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace starling::control;

TEST_SUITE_BEGIN("deploy/control/request");

TEST_CASE("a request is a JSON object, or nothing at all") {
  CHECK((*parse_request("")).empty());
  CHECK((*parse_request(R"({"a": [1, {"b": "}"}]})"))["a"][0] == 1);
  for (const auto* text : {"[]", "1", "null", "{", "{\"a\":}", "{} {}", "\xff",
                           "{\"a\": \"\xc3\x28\"}", "{\"a\": 1e999}"})
    CHECK(parse_request(text).error().code == ec::malformed_input);
}

TEST_CASE("a request is bounded in size and depth before it is built") {
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[')
           + std::string(depth - 1, ']') + "}";
  };
  CHECK(parse_request(nested(request_depth_max)));
  CHECK(parse_request(nested(request_depth_max + 1)).error().code
        == ec::limit_reached);
  CHECK(parse_request(nested(100'000)).error().code == ec::limit_reached);
  const auto long_text
    = R"({"a":")" + std::string(request_bytes_max, 'x') + R"("})";
  CHECK(parse_request(long_text).error().code == ec::limit_reached);
}

TEST_CASE("brackets inside texts don't count as depth") {
  const auto text = R"({"a":"\")" + std::string(100, '[') + R"("})";
  CHECK(parse_request(text));
}

TEST_CASE("fields are read with their bounds") {
  const auto body
    = json{{"name", "x"}, {"count", 7}, {"huge", uint64_t{1} << 63}};
  auto name = std::string{};
  auto count = int64_t{0};
  CHECK(fields{body}
          .need("name", name)
          .read("count", count, 0, 7)
          .read("absent", count, 0, 7)
          .read("huge", count, 0, 7)
          .finish()
          .error()
          .text
        == "field 'huge' must be a whole number from 0 to 7");
  CHECK(name == "x");
  CHECK(count == 7);
  CHECK_FALSE(fields{body}.read("count", count, 0, 6).finish());
  CHECK_FALSE(fields{body}.read("name", name, 0).finish());
  CHECK(fields{json::object()}.need("name", name).finish().error().text
        == "field 'name' is missing");
}

TEST_CASE("a field that nobody knows is refused, and the nearest one named") {
  auto name = std::string{};
  const auto body = json{{"nane", "x"}};
  CHECK(fields{body}.read("name", name).finish().error().text
        == "field 'nane' is unknown; did you mean 'name'?");
}

TEST_CASE("an error comes back as it went") {
  for (uint8_t value = 1; value <= static_cast<uint8_t>(ec_last); ++value) {
    const auto code = static_cast<ec>(value);
    auto back = failure_from(to_json(failure{code, "why"}));
    REQUIRE(back);
    CHECK(back->code == code);
    CHECK(back->text == "why");
    CHECK(http_status(code) >= 400);
  }
  CHECK_FALSE(failure_from(json::array()));
  CHECK_FALSE(failure_from(json{{"error", 1}}));
  CHECK_FALSE(failure_from(json{{"error", {{"code", 1}, {"text", 2}}}}));
}

TEST_CASE("text that is no UTF-8 can be written") {
  CHECK(to_text(json{{"a", "\xff"}}) == "{\"a\":\"\xef\xbf\xbd\"}");
}

TEST_SUITE_END();
