#include "messages/envelope.hpp"
#include "messages/message_types.hpp"
#include "tests/fuzz/target.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <capnp/schema.capnp.h>

#include <algorithm>

using namespace starling;
using namespace starling::fuzz;
using capnp::schema::Type;
using capnp::schema::Value;

namespace {

/// Goes wherever the pointers lead: texts, data, nested structs.
size_t walk(Type::Reader x) {
  auto size = size_t{1};
  if (x.isList())
    size += walk(x.getList().getElementType());
  if (x.isStruct())
    for (auto scope : x.getStruct().getBrand().getScopes())
      if (scope.isBind())
        for (auto binding : scope.getBind())
          size += binding.isType() ? walk(binding.getType()) : 1;
  return size;
}

size_t walk(Value::Reader x) {
  if (x.isText())
    return x.getText().size();
  if (x.isData())
    return x.getData().size();
  return 0;
}

void check_content(const envelope& x) {
  static_cast<void>(x.read<Type>([](Type::Reader root) { return walk(root); }));
  static_cast<void>(
    x.read<Value>([](Value::Reader root) { return walk(root); }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Errors hold messages, whose types CAF has to know.
  static const auto types_are_known = [] {
    init_message_types();
    return true;
  }();
  require(types_are_known);
  const auto input = std::as_bytes(std::span{data, size});
  for (const auto schema : {capnp::typeId<Type>(), capnp::typeId<Value>()}) {
    const auto made = envelope::copy_of(schema, input);
    if (!made)
      continue;
    require(std::ranges::equal(made->bytes(), input));
    check_content(*made);
  }
  // As CAF hands it over, from a stranger's bytes.
  auto loaded = envelope{};
  auto source = caf::binary_deserializer{
    nullptr, caf::make_span(reinterpret_cast<const caf::byte*>(data), size)};
  if (source.apply(loaded)) {
    require(loaded.bytes().size() <= size);
    check_content(loaded);
  }
  return 0;
}
