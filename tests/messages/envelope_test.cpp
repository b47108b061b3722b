#include "messages/envelope.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <capnp/schema.capnp.h>
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

using namespace starling;

namespace {

/// From schema.capnp of Cap'n Proto: struct Type @0xd07378ede1f9cc60.
using capnp::schema::Type;
constexpr uint64_t type_schema = 0xd07378ede1f9cc60;

/// `echo '(list = (elementType = (struct = (typeId = 0x1122334455667788))))' |
/// capnp encode schema.capnp Type`, less the table of segments in front.
constexpr unsigned char list_of_structs[]
  = {0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x0e, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
     0x03, 0x00, 0x01, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
     0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

std::span<const std::byte> sample_bytes() {
  return std::as_bytes(std::span{list_of_structs});
}

envelope of_words(uint64_t schema, const std::vector<uint64_t>& words) {
  return *envelope::copy_of(schema, std::as_bytes(std::span{words}));
}

caf::expected<uint64_t> type_id_in(const envelope& message) {
  return message.read<Type>([](Type::Reader root) {
    return root.getList().getElementType().getStruct().getTypeId();
  });
}

caf::byte_buffer saved(const envelope& message) {
  auto result = caf::byte_buffer{};
  auto sink = caf::binary_serializer{nullptr, result};
  REQUIRE(sink.apply(message));
  return result;
}

/// What of `Type` nested `depth` times can be reached.
int depth_reached(const envelope& message) {
  auto depth = 0;
  static_cast<void>(message.read<Type>([&depth](Type::Reader root) {
    for (auto type = root; type.isList(); ++depth)
      type = type.getList().getElementType();
  }));
  return depth;
}

} // namespace

TEST_SUITE_BEGIN("messages/envelope");

TEST_CASE("it reads what the capnp tool wrote") {
  auto message = envelope::copy_of(type_schema, sample_bytes());
  REQUIRE(message);
  auto id = type_id_in(*message);
  REQUIRE(id);
  CHECK(*id == 0x1122334455667788);
}

TEST_CASE("it writes what the capnp tool writes") {
  auto message = make_envelope<Type>([](Type::Builder root) {
    root.initList().initElementType().initStruct().setTypeId(
      0x1122334455667788);
  });
  REQUIRE(message);
  CHECK(message->schema() == type_schema);
  const auto written = message->bytes();
  REQUIRE(written.size() == sizeof(list_of_structs));
  CHECK(std::memcmp(written.data(), list_of_structs, written.size()) == 0);
}

TEST_CASE("a message of several segments becomes one segment") {
  const auto text = std::string(100'000, 'x');
  auto message = make_envelope<capnp::schema::Node>(
    [&text](capnp::schema::Node::Builder root) {
      root.setDisplayName("dropped, since it is replaced");
      root.setDisplayName(text);
    });
  REQUIRE(message);
  CHECK(message->bytes().size() < 100'200);
  auto found
    = message->read<capnp::schema::Node>([](capnp::schema::Node::Reader root) {
        return std::string{root.getDisplayName().cStr()};
      });
  REQUIRE(found);
  CHECK(*found == text);
}

TEST_CASE("another type than expected is an error that names both") {
  auto message = envelope::copy_of(0xabc, sample_bytes());
  auto read = type_id_in(*message);
  REQUIRE_FALSE(read);
  CHECK(read.error() == ec::malformed_input);
  const auto text = to_string(read.error());
  CHECK(text.find("@0x0000000000000abc") != std::string::npos);
  CHECK(text.find("@0xd07378ede1f9cc60") != std::string::npos);
}

TEST_CASE("an empty envelope can't be read") {
  CHECK(type_id_in(envelope{}).error() == ec::malformed_input);
  CHECK(envelope{}.bytes().empty());
}

TEST_CASE("errors of the visitor are passed on, and nothing is an answer") {
  auto message = *envelope::copy_of(type_schema, sample_bytes());
  auto refused = message.read<Type>([](Type::Reader) -> caf::expected<int> {
    return caf::make_error(ec::limit_reached);
  });
  CHECK(refused.error() == ec::limit_reached);
  auto seen = false;
  CHECK(
    message.read<Type>([&seen](Type::Reader root) { seen = root.isList(); }));
  CHECK(seen);
}

TEST_CASE("more than ten megabytes are refused") {
  const auto bytes = std::vector<std::byte>(envelope::bytes_max + 8);
  CHECK(envelope::copy_of(type_schema, bytes).error() == ec::limit_reached);
  CHECK(envelope::copy_of(type_schema, std::span{bytes}.subspan(8)));
  auto built
    = make_envelope<capnp::schema::Node>([](capnp::schema::Node::Builder root) {
        root.initDisplayName(envelope::bytes_max);
      });
  REQUIRE_FALSE(built);
  CHECK(built.error() == ec::limit_reached);
}

TEST_CASE("half a word is refused") {
  CHECK(envelope::copy_of(type_schema, sample_bytes().first(71)).error()
        == ec::malformed_input);
}

TEST_CASE("a pointer out of the message is an error") {
  // A struct of three words, 0x1000 words behind the end.
  const auto message = of_words(type_schema, {0x0000'0003'0000'4000});
  CHECK(type_id_in(message).error() == ec::malformed_input);
}

TEST_CASE("every truncation is an error or a default, never a crash") {
  for (size_t words = 0; words < sizeof(list_of_structs) / 8; ++words) {
    const auto part = sample_bytes().first(8 * words);
    const auto read = type_id_in(*envelope::copy_of(type_schema, part));
    CHECK_FALSE(read);
  }
}

TEST_CASE("nesting is followed 32 deep") {
  auto message = make_envelope<Type>([](Type::Builder root) {
    auto type = root;
    for (auto depth = 0; depth < 100; ++depth)
      type = type.initList().initElementType();
  });
  REQUIRE(message);
  // The root is the first of the 32.
  CHECK(depth_reached(*message) == envelope::nesting_max - 1);
}

TEST_CASE("a small message that refers to itself again and again is cut off") {
  constexpr size_t names = 1000;
  constexpr size_t name_words = 1000;
  // CodeGeneratorRequest of one pointer, a list of nodes, each of one pointer,
  // its name, all to the same place; see the encoding's specification, lists.
  auto words = std::vector<uint64_t>{
    uint64_t{1} << 48,                   // struct, one pointer
    1 | uint64_t{7} << 32 | names << 35, // list of structs, in words
    names << 2 | uint64_t{1} << 48,      // tag: how many, one pointer each
  };
  for (size_t i = 0; i < names; ++i)
    words.push_back(1 | (names - 1 - i) << 2 | uint64_t{2} << 32
                    | name_words * 8 << 35);
  words.resize(words.size() + name_words);
  const auto message
    = of_words(capnp::typeId<capnp::schema::CodeGeneratorRequest>(), words);
  auto names_read = size_t{0};
  auto read = message.read<capnp::schema::CodeGeneratorRequest>(
    [&names_read](capnp::schema::CodeGeneratorRequest::Reader root) {
      for (auto node : root.getNodes()) {
        const auto size = node.getDisplayName().size();
        CHECK(size == name_words * 8 - 1);
        ++names_read;
      }
    });
  CHECK(read.error() == ec::malformed_input);
  // The whole is 2003 words long and may be gone over eight times.
  CHECK(names_read >= 8);
  CHECK(names_read <= 16);
}

TEST_CASE("it survives the way to another node") {
  auto message = *envelope::copy_of(type_schema, sample_bytes());
  const auto buffer = saved(message);
  // Id, size, content: nothing else travels.
  CHECK(buffer.size() == 8 + 4 + sizeof(list_of_structs));
  auto copy = envelope{};
  auto source = caf::binary_deserializer{nullptr, buffer};
  REQUIRE(source.apply(copy));
  CHECK(copy.schema() == type_schema);
  CHECK(*type_id_in(copy) == 0x1122334455667788);
}

TEST_CASE("every cut of the way to another node is an error") {
  const auto buffer = saved(*envelope::copy_of(type_schema, sample_bytes()));
  for (size_t size = 0; size < buffer.size(); ++size) {
    auto copy = envelope{};
    auto source = caf::binary_deserializer{nullptr, buffer.data(), size};
    CHECK_FALSE(source.apply(copy));
  }
}

TEST_CASE("a length that the sender didn't send gets no memory") {
  auto buffer = saved(*envelope::copy_of(type_schema, sample_bytes()));
  // Network byte order, behind the id.
  const auto claim = [&buffer](std::array<unsigned char, 4> size) {
    std::memcpy(buffer.data() + 8, size.data(), size.size());
    auto copy = envelope{};
    auto source = caf::binary_deserializer{nullptr, buffer};
    CHECK_FALSE(source.apply(copy));
    CHECK(copy.bytes().empty());
    return source.get_error();
  };
  CHECK(claim({0xff, 0xff, 0xff, 0xf8}) == ec::limit_reached);
  CHECK(claim({0x00, 0xa0, 0x00, 0x00}) == caf::sec::end_of_stream);
  CHECK(claim({0x00, 0x00, 0x00, 0x07}) == ec::malformed_input);
}

TEST_CASE("a log line shows its size, not its content") {
  const auto text
    = caf::deep_to_string(*envelope::copy_of(type_schema, sample_bytes()));
  CHECK(text.find("72") != std::string::npos);
  CHECK(text.size() < 80);
}

TEST_CASE("inside a process nothing is copied") {
  auto config = caf::actor_system_config{};
  config.set("caf.scheduler.max-threads", 1);
  auto system = caf::actor_system{config};
  auto self = caf::scoped_actor{system};
  auto echo = system.spawn([]() -> envelope_actor::behavior_type {
    return {[](const envelope& message) { return message; }};
  });
  const auto message = *envelope::copy_of(type_schema, sample_bytes());
  const auto* place = message.bytes().data();
  self->request(echo, caf::infinite, message)
    .receive(
      [place](const envelope& answer) {
        CHECK(answer.bytes().data() == place);
      },
      [](const caf::error& reason) { FAIL(to_string(reason)); });
}

TEST_SUITE_END();
