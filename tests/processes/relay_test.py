"""Two nodes that have no link of their own talk through a third one, which sees
nothing of what they say, and through a fourth when the third is gone."""

import os
import secrets
import threading
import time

from support import Refused, ProcessTest, wait_until


# A sanitizer's notes on the memory, not the memory: terabytes, nearly all empty.
SHADOW_MIN = 1 << 34


def in_memory(pid, marker):
    """Returns how often a process holds these bytes in memory that it can write
    to: heap, stacks, buffers."""
    count = 0
    with open(f"/proc/{pid}/maps") as maps:
        areas = [line.split() for line in maps]
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for area in areas:
            if not area[1].startswith("rw"):
                continue
            at, end = (int(x, 16) for x in area[0].split("-"))
            if end - at > SHADOW_MIN:
                continue
            tail = b""
            while at < end:
                try:
                    data = os.pread(memory, min(1 << 20, end - at), at)
                except OSError:
                    break  # given back meanwhile
                if not data:
                    break
                # What lies on the border of two pieces is counted once.
                count += (tail + data).count(marker)
                tail = data[1 - len(marker):]
                at += len(data)
    finally:
        os.close(memory)
    return count


class Talk:
    """Says something again and again in a thread of its own."""

    def __init__(self, say):
        self.say = say
        self.over = threading.Event()
        self.done = 0
        self.failed = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            try:
                self.say()
                self.done += 1
            except (OSError, Refused) as reason:
                self.failed = reason

    def stop(self):
        self.over.set()
        self.thread.join(20)


class RelayTest(ProcessTest):
    names = ("alpha", "bravo", "charlie", "delta")

    def start(self, between, charlie_listens=False):
        """Alpha and charlie at the ends, the others between them."""
        for name in between:
            setattr(self, name, self.node(name))
        ways = [f"{n.address}#{n.id}" for n in self.nodes]
        self.alpha = self.node("alpha", listen=False, bootstrap=ways)
        self.charlie = self.node("charlie", listen=charlie_listens,
                                 bootstrap=ways)
        wait_until(lambda: self.alpha.knows(self.charlie)
                   and self.charlie.knows(self.alpha), 15,
                   "the ends hear of each other")
        wait_until(lambda: self.way() is not None, 10, "there is a way")

    def way(self):
        """Returns the names on alpha's way to charlie."""
        path = self.alpha.get("/v1/routes/charlie")["path"]
        return [hop["name"] for hop in path]

    def say(self, text="hello", timeout=15):
        return self.alpha.call("parrot", text, on=self.charlie,
                               timeout=timeout)

    def is_relayed(self):
        peer = self.alpha.peers().get(self.charlie.id)
        return peer is not None and peer["relayed"]

    def test_a_relay_sees_nothing_of_what_it_carries(self):
        # Charlie can be dialled, but alpha is to dial bravo only.
        self.start(["bravo"], charlie_listens=True)
        self.assertEqual(["bravo", "charlie"], self.way())
        self.alpha.spawn("echo", "parrot", on=self.charlie)
        peer = self.alpha.peers()[self.charlie.id]
        self.assertTrue(peer["relayed"])
        self.assertEqual("relay://" + self.charlie.id, peer["address"])
        self.assertIn("ML_KEM", peer["key_exchange"])
        # One that answers in another's place is not taken for it.
        self.assertRefused(
            {"authentication_failed"}, self.alpha.post, "/v1/connect",
            {"address": self.bravo.address, "id": self.ids["delta"].id})

        marker = secrets.token_hex(16)
        # With noise between, or compression would leave little to carry.
        text = "".join(marker + secrets.token_hex(112) for _ in range(60))
        carried = self.bravo.peers()[self.alpha.id]["bytes_in"]
        talk = Talk(lambda: self.say(text))
        try:
            wait_until(lambda: talk.done >= 5, 20, "the marker goes round")
            for _ in range(3):
                before = talk.done
                found = in_memory(self.bravo.pid, marker.encode())
                self.assertEqual(0, found, "bravo knows what it carries")
                wait_until(lambda: talk.done > before, 20, "the talk goes on")
            ends = [in_memory(end.pid, marker.encode())
                    for end in (self.alpha, self.charlie)]
        finally:
            talk.stop()
        self.assertIsNone(talk.failed)
        # The search would have found it.
        self.assertGreater(min(ends), 0, ends)
        # And it did go through bravo.
        carried = self.bravo.peers()[self.alpha.id]["bytes_in"] - carried
        self.assertGreater(carried, 5 * len(text))
        print(f"    {talk.done} rounds, {carried} bytes through bravo; the "
              f"marker is {ends} times at the ends, never in between")

    def test_a_node_out_of_reach_is_an_error_that_comes_back(self):
        self.start(["bravo"])
        self.alpha.spawn("echo", "parrot", on=self.charlie)
        self.assertEqual("hello", self.say()["heard"])
        self.charlie.kill()
        began = time.monotonic()

        def is_unreachable():
            try:
                self.say(timeout=30)
            except Refused as reason:
                return reason.code in ("unreachable", "connection_closed",
                                       "timed_out")
            return False
        wait_until(is_unreachable, 20, "charlie is out of reach")
        print(f"    an error after {time.monotonic() - began:.1f} s")
        self.charlie.start()

        def is_back():
            self.alpha.spawn("echo", "parrot", on=self.charlie)
            return self.say()["asked"] == 1
        wait_until(is_back, 20, "charlie is back")

    def test_a_conversation_outlives_the_relay(self):
        self.start(["bravo", "delta"])
        for one in (self.alpha, self.charlie):
            wait_until(lambda: {self.bravo.id, self.delta.id}
                       <= set(one.peers()), 10, "both ways stand")
        self.alpha.spawn("witness", "witness")
        self.alpha.spawn("echo", "parrot", on=self.charlie)
        self.alpha.call("witness", {"watch": {"actor": "parrot",
                                              "node": self.charlie.id}})
        for asked in range(1, 6):
            self.assertEqual(asked, self.say()["asked"])
        self.assertTrue(self.is_relayed())
        first = self.way()[0]
        relay = getattr(self, first)
        other = self.delta if relay is self.bravo else self.bravo
        relay.kill()
        began = time.monotonic()
        answer = wait_until(self.say, 15, "the conversation goes on")
        took = time.monotonic() - began
        self.assertEqual([other.name, "charlie"], self.way())
        # The same session, the same actor: nobody was told of an end.
        self.assertEqual(6, answer["asked"])
        self.assertEqual([], self.alpha.call("witness", {"events": {}}))
        print(f"    {first} died; the next answer came over {other.name} "
              f"after {took * 1000:.0f} ms")
