#include "runtime/audit/verifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace starling::audit {

namespace {

std::optional<position> retired_up_to(const event& what) {
  const auto last = what.detail.find("last");
  const auto hash = what.detail.find("hash");
  if (last == what.detail.end() || hash == what.detail.end())
    return std::nullopt;
  auto result = position{};
  const auto& digits = last->second;
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, result.seq);
  const auto bytes = parse_peer_id(hash->second);
  if (error != std::errc{} || rest != end || !bytes)
    return std::nullopt;
  result.hash = bytes->bytes;
  return result;
}

} // namespace

std::string_view name_of(flaw x) {
  switch (x) {
    case flaw::malformed:
      return "malformed";
    case flaw::changed:
      return "changed";
    case flaw::dropped:
      return "dropped";
    case flaw::reordered:
      return "reordered";
    case flaw::repeated:
      return "repeated";
    case flaw::truncated:
      return "truncated";
    case flaw::foreign_signature:
      return "foreign_signature";
    case flaw::head_missing:
      return "head_missing";
  }
  return "flaw(?)";
}

verifier::verifier(const notary& signer, options opts)
  : signer_{signer},
    opts_{std::move(opts)} {
  // nop
}

void verifier::begin_file(std::string name) {
  file_ = std::move(name);
  line_ = 0;
}

void verifier::feed(std::string_view line) {
  ++line_;
  if (report_.problem && !missing_)
    return;
  const auto parsed = parse_record(line);
  if (missing_) {
    // Only one thing is still open: does the missing entry come later?
    if (parsed && parsed->seq == *missing_
        && parsed->hash == hash_of(*parsed)) {
      missing_.reset();
      report_.problem->what = flaw::reordered;
      report_.problem->text
        += fmt::format("; it stands in line {}{}{} instead", line_,
                       file_.empty() ? "" : " of ", file_);
    }
    return;
  }
  if (!parsed)
    return find(flaw::malformed, parsed.error().text);
  check(*parsed);
}

void verifier::check(const record& x) {
  if (!started_)
    start_at(x);
  if (x.seq != report_.last.seq + 1)
    return out_of_order(x);
  if (x.hash != hash_of(x))
    return find(flaw::changed,
                fmt::format("entry {} was changed: its hash is that of other "
                            "content",
                            x.seq));
  if (x.prev != report_.last.hash)
    return find(
      flaw::changed,
      fmt::format("entry {} does not follow entry {}: one of them was "
                  "changed and hashed anew",
                  x.seq, x.seq - 1));
  if (x.what.kind == kind::anchor && !verify_anchor(x, signer_))
    return find(
      flaw::foreign_signature,
      x.what.subject == to_string(signer_.id)
        ? fmt::format("the signature of anchor {} does not fit: it or the {} "
                      "entries before it were rewritten",
                      x.seq, report_.unsigned_tail)
        : fmt::format("anchor {} was signed by another key", x.seq));
  ++report_.entries;
  report_.last_time = x.what.time;
  note_own_kind(x);
  pass(x.place());
}

void verifier::start_at(const record& x) {
  started_ = true;
  report_.first = x.seq;
  if (x.seq <= 1)
    return;
  pass({x.seq - 1, x.prev});
  // A log that starts later needs an entry that says why.
  if (!opts_.any_start)
    unexplained_ = report_.last;
}

void verifier::out_of_order(const record& x) {
  const auto expected = report_.last.seq + 1;
  if (x.seq < expected)
    return find(
      x.seq < report_.first ? flaw::reordered : flaw::repeated,
      fmt::format("entry {} stands where entry {} should", x.seq, expected));
  find(flaw::dropped,
       x.seq == expected + 1
         ? fmt::format("entry {} is missing before entry {}", expected, x.seq)
         : fmt::format("entries {} to {} are missing before entry {}", expected,
                       x.seq - 1, x.seq));
  missing_ = expected;
}

void verifier::note_own_kind(const record& x) {
  if (x.what.kind == kind::anchor) {
    ++report_.anchors;
    report_.unsigned_tail = 0;
    if (std::exchange(explained_unsigned_, false))
      unexplained_.reset();
    return;
  }
  ++report_.unsigned_tail;
  if (x.what.kind == kind::retired && unexplained_
      && retired_up_to(x.what) == unexplained_)
    explained_unsigned_ = true;
}

void verifier::pass(const position& place) {
  report_.last = place;
  if (opts_.head && opts_.head->seq == place.seq
      && opts_.head->hash != place.hash)
    find(flaw::changed,
         fmt::format("entry {} is not the one that the signed head names: the "
                     "log was rewritten",
                     place.seq));
}

void verifier::find(flaw what, std::string text) {
  if (!report_.problem)
    report_.problem = finding{what, file_, line_, std::move(text)};
}

report verifier::finish() {
  missing_.reset();
  line_ = 0;
  if (unexplained_)
    find(
      flaw::dropped,
      fmt::format("entries 1 to {} are missing, and no signed entry says that "
                  "they were retired",
                  unexplained_->seq));
  if (opts_.head && opts_.head->seq > report_.last.seq)
    find(flaw::truncated,
         fmt::format("the log ends with entry {}, but entry {} was signed: the "
                     "end was cut off",
                     report_.last.seq, opts_.head->seq));
  return report_;
}

report verify(std::span<const std::string> lines, const notary& signer,
              std::optional<position> head) {
  auto checker = verifier{signer, {.any_start = false, .head = head}};
  for (const auto& line : lines)
    checker.feed(line);
  return checker.finish();
}

} // namespace starling::audit
