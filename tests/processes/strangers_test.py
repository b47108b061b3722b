"""What strangers can do to a node that listens: little. They hold connections
open, say one byte at a time, or talk nonsense; the node's memory and descriptors
stay bounded, and whoever is honest still gets in."""

import errno
import os
import random
import select
import socket
import threading
import time

from support import (CONNECTION_TIMEOUT_S, SANITIZED, ProcessTest, ask,
                     wait_until)

# Of /proc/PID/status; what 64 handshakes and the links that close take, with
# what the allocator keeps.
GROWTH_MAX_KB = 128 * 1024
# Handshakes in flight, see session_limits::handshakes_max, and links that are
# about to be opened or closed.
OPEN_MAX = 64 + 16


class Crowd:
    """Connections of strangers, so many at a time, the oldest making room."""

    def __init__(self, port, held_max):
        self.target = ("127.0.0.1", port)
        self.held_max = held_max
        self.held = []
        self.opened = 0
        self.ended = 0

    def add(self, first=b""):
        one = socket.socket()
        one.setblocking(False)
        code = one.connect_ex(self.target)
        if code not in (0, errno.EINPROGRESS):
            one.close()
            raise OSError(code, os.strerror(code))
        self.held.append((one, first))
        self.opened += 1
        if len(self.held) > self.held_max:
            self.held.pop(0)[0].close()

    def greet(self):
        """Sends what each has to say first, as soon as it is connected."""
        waiting = {one: at for at, (one, first) in enumerate(self.held) if first}
        while waiting:
            poll = select.poll()
            by_fd = {one.fileno(): one for one in waiting}
            for fd in by_fd:
                poll.register(fd, select.POLLOUT)
            found = poll.poll(2000)
            if not found:
                return
            for fd, _ in found:
                one = by_fd[fd]
                at = waiting.pop(one)
                try:
                    one.send(self.held[at][1])
                except OSError:
                    pass
                self.held[at] = (one, b"")

    def close(self):
        for one, _ in self.held:
            one.close()
        self.held.clear()


class StrangersTest(ProcessTest):
    names = ("alpha", "honest")

    def setUp(self):
        super().setUp()
        self.alpha = self.node("alpha")
        self.before_kb = self.alpha.proc_status("VmRSS")
        self.files_before = self.alpha.open_files()

    def crowd(self, held_max):
        made = Crowd(self.alpha.port, held_max)
        self.addCleanup(made.close)
        return made

    def client_hello(self):
        """Returns what a node says first to one that it dials."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            dialler = self.node("honest", listen=False,
                                bootstrap=[f"tcp://127.0.0.1:{port}"])
            listener.settimeout(10)
            came, _ = listener.accept()
            with came:
                came.settimeout(10)
                hello = came.recv(1 << 16)
            dialler.stop()
        self.assertEqual(0x16, hello[0])
        return hello

    def join_and_leave(self):
        """An honest node gets in, within the time that it gives itself."""
        began = time.monotonic()
        honest = self.node(
            "honest", listen=False,
            bootstrap=[f"{self.alpha.address}#{self.alpha.id}"])
        wait_until(lambda: self.alpha.id in honest.peers(), 10,
                   "an honest node joins")
        took = time.monotonic() - began
        honest.stop()
        return took

    def check_bounded(self, what):
        grown = self.alpha.proc_status("VmRSS") - self.before_kb
        peak = self.alpha.proc_status("VmHWM") - self.before_kb
        print(f"    {what}: resident +{grown} kB, peak +{peak} kB, "
              f"{self.alpha.open_files() - self.files_before} descriptors")
        # A sanitizer keeps what was freed, to catch whoever uses it.
        if not SANITIZED:
            self.assertLess(peak, GROWTH_MAX_KB, what)

    def check_in_flight(self):
        wait_until(lambda: self.alpha.open_files() - self.files_before
                   <= OPEN_MAX, 10, "handshakes in flight are limited")

    def check_released(self):
        wait_until(
            lambda: self.alpha.open_files() <= self.files_before + 2, 15,
            "descriptors are given back")

    def test_half_open_connections_are_bounded(self):
        crowd = self.crowd(5_000)
        while crowd.opened < 10_000:
            crowd.add()
        self.check_bounded("10000 connections that say nothing")
        took = self.join_and_leave()
        print(f"    an honest node was in after {took:.1f} s")
        # The strangers hold on; the node does not.
        self.check_in_flight()
        crowd.close()
        self.check_released()
        self.check_bounded("afterwards")

    def test_strangers_leave_nothing_behind(self):
        def flood():
            crowd = self.crowd(300)
            while crowd.opened < 10_000:
                crowd.add()
            crowd.close()
            self.check_released()
            return self.alpha.proc_status("VmRSS")
        # The first ones fill what the allocator keeps for the next message,
        # the later the busier the machine.
        after = [flood() for _ in range(9)]
        print(f"    resident after each 10000: {after} kB")
        # Less than what a link and a session take, 30,000 times.
        if not SANITIZED:
            self.assertLess(after[-1] - after[-4], 16 * 1024)

    def test_nonsense_ends_a_connection_at_once(self):
        crowd = self.crowd(2_000)
        dice = random.Random(1)
        for greeting in (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
                         b"SSH-2.0-OpenSSH_9.2\r\n", bytes(2_000),
                         dice.randbytes(60_000),
                         # Headers of TLS records, with more to come.
                         b"\x16\x03\x01\x40\x00" + dice.randbytes(1_000),
                         b"\x17\x03\x03\xff\xff" + dice.randbytes(1_000)):
            for _ in range(300):
                crowd.add(greeting)
            crowd.greet()
        self.check_bounded("1800 connections of garbage")
        self.join_and_leave()
        crowd.close()
        self.check_released()

    def test_handshakes_that_never_end_are_bounded(self):
        hello = self.client_hello()
        crowd = self.crowd(2_000)
        # The beginning of a handshake, whole or cut anywhere, then silence.
        # Thousands more of them are the same, and take this test a minute.
        for at in range(1_000):
            crowd.add(hello if at % 4 == 0 else hello[:1 + at * 7 % len(hello)])
            if at % 50 == 49:
                crowd.greet()
        self.assertEqual(200, ask(self.alpha.control, "GET", "/alive")[0])
        self.check_bounded("1000 handshakes that were begun")
        self.join_and_leave()
        self.check_in_flight()
        crowd.close()
        self.check_released()

    def test_one_byte_at_a_time_gains_nothing(self):
        hello = self.client_hello()
        crowd = self.crowd(200)
        for _ in range(200):
            crowd.add()
        # Each round gives every stranger's handshake one more byte.
        for at in range(100):
            for one, _ in crowd.held:
                try:
                    one.send(hello[at:at + 1])
                except OSError:
                    pass
        self.join_and_leave()
        self.check_in_flight()
        self.check_bounded("200 slow strangers")
        # Patience ends: those that are in flight are given up in time, however
        # busily they drip.
        at = 100

        def given_up():
            nonlocal at
            for one, _ in crowd.held:
                try:
                    one.send(hello[at:at + 1])
                except OSError:
                    pass
            at = min(at + 1, len(hello) - 2)
            return self.alpha.open_files() <= self.files_before + 2

        wait_until(given_up, CONNECTION_TIMEOUT_S + 6, "slow handshakes end")
        crowd.close()

    def test_a_flood_does_not_keep_an_honest_node_out(self):
        crowd = self.crowd(300)
        over = threading.Event()

        def flood():
            while not over.is_set():
                try:
                    crowd.add()
                except OSError:
                    pass

        thread = threading.Thread(target=flood, daemon=True)
        thread.start()
        try:
            took = self.join_and_leave()
        finally:
            over.set()
            thread.join(10)
        print(f"    joined after {took:.1f} s, beside {crowd.opened} strangers")
        self.check_bounded("a flood")
        crowd.close()
        self.check_released()
