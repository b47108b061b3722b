#include "actors/peer/send_scheduler.hpp"

#include <doctest/doctest.h>

#include <map>
#include <numeric>
#include <optional>

using namespace starling;
using namespace starling::peer;

namespace {

using bytes = std::vector<uint8_t>;

struct fixture {
  send_scheduler::options opts;
  std::optional<send_scheduler> model{std::in_place, opts};

  void reset(const send_scheduler::options& x) {
    opts = x;
    model.emplace(opts);
  }

  /// A stream with more to send than any test takes.
  void flood(uint16_t channel, uint8_t priority, size_t size = 8'000'000) {
    REQUIRE(model->open(channel, priority, send_window::credit_max));
    REQUIRE(model->push(channel, bytes(size, static_cast<uint8_t>(channel))));
  }

  /// Sends that many bytes, returns how many each channel had of them.
  std::map<uint16_t, double> send(size_t amount) {
    auto result = std::map<uint16_t, double>{};
    for (size_t sent = 0; sent < amount;) {
      const auto x = model->next();
      REQUIRE(x);
      result[x->channel] += static_cast<double>(x->bytes.size());
      sent += x->bytes.size();
    }
    return result;
  }
};

} // namespace

TEST_SUITE_BEGIN("peer/send_scheduler");

TEST_CASE_FIXTURE(fixture, "what was pushed comes out in order, in portions") {
  auto all = bytes(50'000);
  std::iota(all.begin(), all.end(), uint8_t{0});
  REQUIRE(model->open(5, 3, 1'000'000));
  REQUIRE(model->push(5, bytes(all.begin(), all.begin() + 20'000)));
  REQUIRE(model->push(5, bytes(all.begin() + 20'000, all.end())));
  auto out = bytes{};
  while (const auto x = model->next()) {
    CHECK(x->channel == 5);
    CHECK(x->bytes.size() <= 16'384);
    out.insert(out.end(), x->bytes.begin(), x->bytes.end());
  }
  CHECK(out == all);
  CHECK(model->waiting() == 0);
}

TEST_CASE_FIXTURE(fixture, "a packet is sent in one piece") {
  REQUIRE(model->push_packet(2, bytes(10'000'000, 7)));
  const auto x = model->next();
  REQUIRE(x);
  CHECK(x->channel == 0);
  CHECK(x->bytes.size() == 10'000'000);
  CHECK_FALSE(model->next());
}

TEST_CASE_FIXTURE(fixture, "streams of one priority get equal shares") {
  for (uint16_t channel = 1; channel <= 5; ++channel)
    flood(channel, 3);
  for (const auto& [channel, sent] : send(10'000'000))
    CHECK(sent == doctest::Approx(2'000'000).epsilon(0.02));
}

TEST_CASE_FIXTURE(fixture,
                  "small pieces count as much as large ones, in bytes") {
  flood(1, 3);
  REQUIRE(model->open(2, 3, send_window::credit_max));
  for (auto i = 0; i < 40'000; ++i)
    REQUIRE(model->push(2, bytes(100)));
  const auto sent = send(4'000'000);
  CHECK(sent.at(1) == doctest::Approx(sent.at(2)).epsilon(0.02));
}

TEST_CASE_FIXTURE(fixture, "priorities share by their weights") {
  flood(1, 3);
  flood(2, 4);
  flood(3, 5);
  // Weights 8, 16 and 32.
  const auto sent = send(7'000'000);
  CHECK(sent.at(1) == doctest::Approx(1'000'000).epsilon(0.05));
  CHECK(sent.at(2) == doctest::Approx(2'000'000).epsilon(0.05));
  CHECK(sent.at(3) == doctest::Approx(4'000'000).epsilon(0.05));
}

TEST_CASE_FIXTURE(fixture, "nobody starves") {
  flood(1, 0);
  flood(2, 7, 16'000'000);
  const auto sent = send(12'900'000);
  // 1 of 129.
  CHECK(sent.at(1) == doctest::Approx(100'000).epsilon(0.2));
}

TEST_CASE_FIXTURE(fixture, "the urgent does not wait behind a flood") {
  for (uint16_t channel = 1; channel <= 50; ++channel)
    flood(channel, 3, 200'000);
  send(1'000'000);
  REQUIRE(model->push_packet(7, bytes(64, 9)));
  auto before = size_t{0};
  for (;;) {
    const auto x = model->next();
    REQUIRE(x);
    if (x->channel == 0)
      break;
    before += x->bytes.size();
  }
  CHECK(before <= 2 * opts.portion_max);
}

TEST_CASE_FIXTURE(fixture, "a stream without credit holds up nobody") {
  flood(1, 7);
  flood(2, 3);
  model->close(1);
  REQUIRE(model->open(1, 7, 1'000));
  REQUIRE(model->push(1, bytes(5'000)));
  auto sent = send(1'000'000);
  CHECK(sent.at(1) == 1'000);
  CHECK(model->waiting_on(1) == 4'000);
  REQUIRE(model->grant(1, 1'500));
  sent = send(1'000'000);
  CHECK(sent.at(1) == 1'500);
}

TEST_CASE_FIXTURE(fixture, "only credit or a push wakes what is stalled") {
  REQUIRE(model->open(1, 3, 0));
  REQUIRE(model->push(1, bytes(10)));
  CHECK_FALSE(model->next());
  REQUIRE(model->grant(1, 4));
  CHECK(model->next()->bytes.size() == 4);
  CHECK_FALSE(model->next());
}

TEST_CASE_FIXTURE(fixture, "queues are bounded one by one and in all") {
  reset({.streams_max = 2, .queue_bytes_max = 100, .total_bytes_max = 250});
  REQUIRE(model->open(1, 3, 0));
  REQUIRE(model->open(2, 3, 0));
  CHECK(model->open(3, 3, 0).error().code == ec::limit_reached);
  CHECK(model->open(2, 3, 0).error().code == ec::duplicate_name);
  REQUIRE(model->push(1, bytes(100)));
  CHECK(model->push(1, bytes(1)).error().code == ec::limit_reached);
  REQUIRE(model->push(2, bytes(100)));
  CHECK(model->push_packet(3, bytes(51)).error().code == ec::limit_reached);
  REQUIRE(model->push_packet(3, bytes(50)));
  CHECK(model->waiting() == 250);
  // What is sent or dropped makes room.
  CHECK(model->next()->bytes.size() == 50);
  CHECK(model->close(1));
  CHECK(model->waiting() == 100);
  CHECK(model->push_packet(3, bytes(100)));
}

TEST_CASE_FIXTURE(fixture, "a stream that was closed is gone") {
  flood(1, 3);
  CHECK(model->close(1));
  CHECK_FALSE(model->close(1));
  CHECK(model->waiting() == 0);
  CHECK_FALSE(model->next());
  CHECK(model->push(1, bytes(1)).error().code == ec::unknown_name);
  CHECK(model->grant(1, 1).error().code == ec::unknown_name);
  CHECK(model->waiting_on(1) == 0);
}

TEST_CASE_FIXTURE(fixture, "too much credit is an offence") {
  REQUIRE(model->open(1, 3, send_window::credit_max));
  CHECK(model->grant(1, 1).error().code == ec::protocol_violation);
}

TEST_CASE_FIXTURE(fixture, "pushing nothing waits for nothing") {
  REQUIRE(model->open(1, 3, 10));
  CHECK(model->push(1, {}));
  CHECK_FALSE(model->next());
}

TEST_CASE_FIXTURE(fixture, "many streams come and go without a trace") {
  for (auto round = 0; round < 200; ++round) {
    for (uint16_t channel = 1; channel <= 20; ++channel) {
      REQUIRE(model->open(channel, channel % 8, channel % 3 == 0 ? 0 : 5'000));
      REQUIRE(model->push(channel, bytes(3'000)));
    }
    for (auto i = 0; i < 10; ++i)
      CHECK(model->next());
    for (uint16_t channel = 1; channel <= 20; ++channel)
      CHECK(model->close(channel));
    CHECK(model->waiting() == 0);
    CHECK_FALSE(model->next());
  }
}

TEST_SUITE_END();
