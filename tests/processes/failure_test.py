"""A node that fails is noticed by those who watch actors on it, in the time that
the configuration promises, and is one of the cluster again when it comes back."""

import signal
import time

from support import HEARTBEAT_S, ProcessTest, SILENCE_S, SLACK_S, wait_until


class FailureTest(ProcessTest):
    names = ("alpha", "bravo")

    def start_pair(self):
        """Bravo listens; alpha dials it through a link that can be cut, and has
        a witness that watches an actor on bravo."""
        self.bravo = self.node("bravo")
        self.link = self.proxy_to(self.bravo)
        self.alpha = self.node(
            "alpha", listen=False,
            bootstrap=[f"{self.link.address}#{self.bravo.id}"])
        wait_until(lambda: self.bravo.id in self.alpha.peers(), 10,
                   "a session stands")
        self.alpha.spawn("witness", "witness")
        self.spawn_and_watch("parrot")

    def spawn_and_watch(self, name):
        self.alpha.spawn("echo", name, on=self.bravo)
        self.assertEqual(
            "hello", self.alpha.call(name, "hello", on=self.bravo)["heard"])
        self.alpha.call("witness", {"watch": {"actor": name,
                                              "node": self.bravo.id}})

    def events(self, name):
        seen = self.alpha.call("witness", {"events": {}})
        return {e["kind"]: e for e in seen if e["name"] == name}

    def check_noticed(self, name, since, within_s):
        """The monitor and the link have both fired, not too late."""
        wait_until(lambda: len(self.events(name)) == 2, within_s,
                   "monitor and link fire")
        for kind, event in self.events(name).items():
            after = event["at_ms"] / 1000 - since
            self.assertLess(after, within_s, event)
            print(f"    {self.id().split('.')[-1]}: {kind} after "
                  f"{after * 1000:.0f} ms, {event['reason']}")

    def check_healed(self, name):
        wait_until(lambda: self.alpha.knows(self.bravo)
                   and self.bravo.knows(self.alpha), 20, "all are alive")
        wait_until(lambda: self.bravo.id in self.alpha.peers(), 10,
                   "a session stands again")
        self.spawn_and_watch(name)
        self.assertEqual({}, self.events(name))

    def test_a_killed_node_is_noticed_at_once(self):
        self.start_pair()
        self.assertEqual({}, self.events("parrot"))
        since = time.time()
        self.bravo.kill()
        # The connection's end tells; no heartbeat has to be missed.
        self.check_noticed("parrot", since, 2.0)
        self.assertTrue(self.alpha.audited("session.ended"))
        self.bravo.start()
        self.check_healed("second")

    def test_a_node_that_hangs_is_noticed_by_its_silence(self):
        self.start_pair()
        since = time.time()
        self.bravo.signal(signal.SIGSTOP)
        self.check_noticed("parrot", since, SILENCE_S + SLACK_S)
        # Nor is one taken for dead before it was silent long enough.
        for event in self.events("parrot").values():
            self.assertGreater(event["at_ms"] / 1000 - since, 2 * HEARTBEAT_S)
        wait_until(lambda: not self.alpha.knows(self.bravo), 10,
                   "the member list doubts it")
        self.bravo.signal(signal.SIGCONT)
        self.check_healed("second")
        # Its actors have survived: they were never dead, only out of reach.
        self.assertEqual(
            "again",
            self.alpha.call("parrot", "again", on=self.bravo)["heard"])

    def test_a_node_that_is_cut_off_is_noticed_by_its_silence(self):
        self.start_pair()
        since = time.time()
        self.link.set_cut(True)
        self.check_noticed("parrot", since, SILENCE_S + SLACK_S)
        # Both sides see the end, although nobody sent one.
        wait_until(lambda: not self.bravo.peers(), SILENCE_S + SLACK_S,
                   "bravo ends its session too")
        self.link.set_cut(False)
        self.check_healed("second")
        self.assertEqual(
            "again",
            self.alpha.call("parrot", "again", on=self.bravo)["heard"])
