"""An actor that takes in nothing is flooded: both nodes keep what memory they
had, and everybody else goes on."""

import time

from support import SANITIZED, ProcessTest, wait_until

# A window and what waits for it at the sender, 12 MB, and what the allocator and
# a mailbox hold of what is refused.
GROWTH_MAX_KB = 96 * 1024
ROUNDS = 500  # of 2 MB each


class FloodTest(ProcessTest):
    names = ("alpha", "bravo")

    def test_a_stalled_actor_takes_bounded_memory_and_holds_up_nobody(self):
        bravo = self.node("bravo")
        alpha = self.node("alpha", listen=False,
                          bootstrap=[f"{bravo.address}#{bravo.id}"])
        wait_until(lambda: bravo.id in alpha.peers(), 10, "a session stands")
        alpha.spawn("witness", "witness")
        alpha.spawn("sleeper", "sleeper", on=bravo)
        alpha.spawn("echo", "parrot", on=bravo)
        before = [node.proc_status("VmRSS") for node in (alpha, bravo)]
        sent = alpha.peers()[bravo.id]["bytes_out"]
        alpha.call("witness", {"flood": {"actor": "sleeper", "node": bravo.id,
                                         "rounds": ROUNDS}})
        answers = 0
        worst = 0.0

        def is_over():
            nonlocal answers, worst
            began = time.monotonic()
            self.assertEqual("hello",
                             alpha.call("parrot", "hello", on=bravo)["heard"])
            answers += 1
            worst = max(worst, time.monotonic() - began)
            return alpha.call("witness", {"flooded": {}}) >= ROUNDS
        wait_until(is_over, 60, "the flood ends")
        grown = [node.proc_status("VmHWM") - was
                 for node, was in zip((alpha, bravo), before)]
        sent = alpha.peers()[bravo.id]["bytes_out"] - sent
        print(f"    {2 * ROUNDS} MB to an actor that stands still: {sent} bytes "
              f"sent, peak +{grown} kB; beside it {answers} answers, the slowest "
              f"after {worst * 1000:.0f} ms")
        # A window, which compresses well, and the answers' questions.
        self.assertLess(sent, 6_000_000)
        if not SANITIZED:
            self.assertLess(max(grown), GROWTH_MAX_KB)
        self.assertTrue(alpha.audited("messages.dropped"))
