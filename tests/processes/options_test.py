"""Keys of a node file that only a whole process can show at work."""

import os
import secrets

from support import Node, ProcessTest, ask, wait_until


class OptionsTest(ProcessTest):
    names = ("alpha", "bravo")

    def pair(self, extra):
        bravo = self.node("bravo", extra=extra)
        alpha = self.node("alpha", listen=False, extra=extra,
                          bootstrap=[f"{bravo.address}#{bravo.id}"])
        wait_until(lambda: bravo.id in alpha.peers(), 10, "a session stands")
        return alpha, bravo

    def test_max_packet_size_bounds_what_is_sent(self):
        alpha, bravo = self.pair('[limits]\nmax_packet_size = "64KiB"')
        alpha.spawn("echo", "parrot", on=bravo)
        small = "s" * 30_000
        self.assertEqual(small,
                         alpha.call("parrot", small, on=bravo)["heard"])
        self.assertRefused({"limit_reached"}, alpha.call, "parrot",
                           "l" * 80_000, on=bravo)
        # Refused is the message, not the session.
        self.assertEqual(small,
                         alpha.call("parrot", small, on=bravo)["heard"])
        self.assertEqual([], alpha.audited("session.ended"))

    def test_keys_that_change_with_each_message_cost_none(self):
        extra = 'rotate_bytes = "16KiB"\nrotate_interval = "20ms"'
        alpha, bravo = self.pair(extra)
        alpha.spawn("echo", "parrot", on=bravo)
        for asked in range(1, 401):
            # What compresses would hardly fill a key.
            text = secrets.token_hex(7_000)
            answer = alpha.call("parrot", text, on=bravo)
            self.assertEqual((text, asked), (answer["heard"], answer["asked"]))
        rotations = alpha.peers()[bravo.id]["rotations"]
        print(f"    {rotations} changes of keys in {asked} calls")
        # Enough for more fresh exchanges than a peer takes at once.
        self.assertGreater(rotations, 300)
        self.assertEqual([], alpha.audited("session.ended"))

    def test_the_limits_are_those_of_the_file(self):
        alpha = self.node("alpha", extra='''[limits]
cpu = 0.3
memory = "700MB"
storage = "20MB"
bandwidth = "7MB/s"
max_peers = 7''')
        metrics = dict(line.split() for line in alpha.metrics().splitlines()
                       if not line.startswith("#") and "{" not in line)
        self.assertEqual(0.3, float(metrics["starling_cpu_share_limit"]))
        self.assertEqual(700e6, float(metrics["starling_memory_limit_bytes"]))
        self.assertEqual(20e6, float(metrics["starling_storage_limit_bytes"]))
        self.assertEqual(200, ask(alpha.control, "GET", "/ready")[0])

    def test_storage_that_is_used_up_is_told(self):
        place = os.path.join(self.place, "full")
        os.makedirs(place)
        alpha = Node(place, self.ids["alpha"], [],
                     extra='[limits]\nstorage = "16MB"')
        with open(os.path.join(alpha.state, "filler"), "wb") as filler:
            filler.write(bytes(17_000_000))
        self.nodes.append(alpha)
        alpha.start()
        wait_until(lambda: any("storage" in line for line in
                               alpha.audited("limit.exceeded")), 15,
                   "the limit is noticed")
        self.assertEqual((200, "alive\n"), ask(alpha.control, "GET", "/alive"))
