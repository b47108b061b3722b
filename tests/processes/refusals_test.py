"""Who may not come in is refused, is told why where that helps nobody else, and
leaves an entry in the node's audit log. The strangers here are OpenSSL's own
programs, which come through the key exchange, and what a test makes of them."""

import json
import os
import select
import socket
import subprocess
import threading

from support import ProcessTest, ask, wait_until

OPENSSL = "/usr/bin/openssl"
HYBRID = "SecP384r1MLKEM1024"


class Door:
    """OpenSSL at one end of a connection to a node: what is said through it
    comes out of the node's own TLS session."""

    def __init__(self, words):
        self.heard = bytearray()
        self.ended = threading.Event()
        self.process = subprocess.Popen(
            [OPENSSL, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.errors = bytearray()
        self.listeners = []
        self.threads = [threading.Thread(target=self._read, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for each in self.threads:
            each.start()

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 1 << 16):
            self.heard += data
            for listener in self.listeners:
                listener(data)
        self.ended.set()

    def _read_errors(self):
        while data := os.read(self.process.stderr.fileno(), 1 << 16):
            self.errors += data

    def say(self, data):
        try:
            os.write(self.process.stdin.fileno(), data)
        except OSError:
            pass  # it has been shown out already

    def is_through(self):
        return b"SSLv3/TLS write finished" in self.errors

    def close(self):
        self.process.kill()
        self.process.wait(10)
        for each in self.threads:
            each.join(5)
        for pipe in (self.process.stdin, self.process.stdout,
                     self.process.stderr):
            pipe.close()


class Splice:
    """A network that can add bytes of its own on the way of one connection to a
    node."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to_node = socket.create_connection(("127.0.0.1", port), 5)
        self.to_node.settimeout(None)
        self.came = None
        self.threads = [threading.Thread(target=self._inward, daemon=True),
                        threading.Thread(target=self._outward, daemon=True)]
        self.accepted = threading.Event()
        self.lock = threading.Lock()
        self.sent = {True: [], False: []}  # to the node, and from it
        for each in self.threads:
            each.start()

    def _inward(self):
        self.came, _ = self.listener.accept()
        self.accepted.set()
        self._forward(self.came, self.to_node)

    def _outward(self):
        self.accepted.wait(15)
        self._forward(self.to_node, self.came)

    def _forward(self, source, target):
        try:
            while True:
                select.select([source], [], [])
                with self.lock:
                    data = source.recv(1 << 16)
                    if not data:
                        return
                    target.sendall(data)
                    self.sent[target is self.to_node].append(len(data))
        except (OSError, ValueError):
            pass  # closed

    def inject(self, data):
        """Adds bytes behind all that the client has sent."""
        def injected():
            with self.lock:
                # Its hello, and the flight that answers the node's.
                if len(self.sent[True]) < 2 or not self.sent[False]:
                    return False
                if select.select([self.came], [], [], 0)[0]:
                    return False
                self.to_node.sendall(data)
                return True
        wait_until(injected, 5, "the client has said all")

    def close(self):
        for each in (self.listener, self.to_node, self.came):
            if each is not None:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                each.close()
        for each in self.threads:
            each.join(5)


class RefusalsTest(ProcessTest):
    names = ("alpha", "bravo", "charlie")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = os.path.join(cls.folder, "stranger.key")
        cls.certificate = os.path.join(cls.folder, "stranger.pem")
        subprocess.run(
            [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-384", "-nodes", "-subj", "/CN=stranger",
             "-days", "1", "-keyout", cls.key, "-out", cls.certificate],
            check=True, capture_output=True, timeout=20)

    def client(self, node, *, groups=HYBRID, has_key=True, port=None):
        words = ["s_client", "-connect", f"127.0.0.1:{port or node.port}",
                 "-quiet", "-state", "-tls1_3", "-groups", groups,
                 "-enable_server_rpk", "-enable_client_rpk"]
        if has_key:
            words += ["-key", self.key, "-cert", self.certificate]
        made = Door(words)
        self.addCleanup(made.close)
        return made

    def server(self):
        """Waits for a node as OpenSSL's server does; returns it and its port."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        made = Door(["s_server", "-accept", f"127.0.0.1:{port}", "-naccept",
                     "1", "-quiet", "-tls1_3", "-groups", HYBRID,
                     "-enable_server_rpk", "-enable_client_rpk", "-Verify",
                     "1", "-key", self.key, "-cert", self.certificate])
        self.addCleanup(made.close)
        return made, port

    def audited(self, node, *parts, count=1):
        """Waits for a refusal in the log of a node that says all of this;
        returns its details."""
        def found():
            entries = [json.loads(line) for line in
                       node.audited("session.refused")]
            entries = [x for x in entries if all(
                part in x["detail"]["reason"] for part in parts)]
            return entries[-1] if len(entries) >= count else None
        return wait_until(found, 15, f"{parts} in the log of {node.name}")

    def check_lives(self, node):
        self.assertEqual({}, node.peers())
        self.assertEqual(200, ask(node.control, "GET", "/alive")[0])

    @staticmethod
    def ports_of(node):
        """Returns the ports on which a process takes connections or datagrams,
        from the system's own tables."""
        own = set()
        folder = f"/proc/{node.pid}/fd"
        for fd in os.listdir(folder):
            try:
                own.add(os.readlink(os.path.join(folder, fd)))
            except OSError:
                pass  # closed meanwhile
        listening = "0A"
        found = []
        for protocol in ("tcp", "tcp6", "udp", "udp6"):
            with open(f"/proc/{node.pid}/net/{protocol}") as table:
                for line in table.readlines()[1:]:
                    parts = line.split()
                    if f"socket:[{parts[9]}]" in own and (
                            parts[3] == listening or "udp" in protocol):
                        found.append((protocol,
                                      int(parts[1].split(":")[1], 16)))
        return found

    def test_no_port_is_open_but_the_one_of_the_node_file(self):
        alpha = self.node("alpha")
        bravo = self.node("bravo", listen=False,
                          bootstrap=[f"{alpha.address}#{alpha.id}"])
        wait_until(lambda: alpha.id in bravo.peers(), 10, "a session stands")
        bravo.spawn("echo", "parrot", on=alpha)
        self.assertEqual([("tcp", alpha.port)], self.ports_of(alpha))
        self.assertEqual([], self.ports_of(bravo))

    def test_a_peer_with_classical_groups_only(self):
        alpha = self.node("alpha")
        client = self.client(alpha, groups="X25519:P-384")
        entry = self.audited(alpha, "negotiation_failed", "no hybrid", "x25519")
        self.assertEqual("false", entry["detail"]["dialled"])
        wait_until(client.ended.is_set, 10, "the client is shown out")
        self.assertIn(b"handshake failure", client.errors)
        self.check_lives(alpha)

    def test_openssl_comes_as_far_as_the_identity_step(self):
        alpha = self.node("alpha")
        for count, group in enumerate((HYBRID, "X25519MLKEM768"), 1):
            client = self.client(alpha, groups=group)
            wait_until(client.is_through, 10, "TLS is done")
            client.say(b"this is no session message\n")
            self.audited(alpha, "malformed_input", "session message",
                         count=count)
        self.check_lives(alpha)

    def test_data_before_authentication(self):
        alpha = self.node("alpha")
        # Without a key for TLS, data right behind the handshake.
        client = self.client(alpha, has_key=False)
        client.say(b"x" * 1000)
        self.audited(alpha, "authentication_failed")
        # A record of payload, before TLS and in place of the identity step.
        with socket.create_connection(("127.0.0.1", alpha.port)) as stranger:
            stranger.sendall(b"\x50\0\0\0\x10" + bytes(16))
            self.audited(alpha, "protocol_violation")
        spliced = Splice(alpha.port)
        self.addCleanup(spliced.close)
        client = self.client(alpha, port=spliced.port)
        wait_until(client.is_through, 10, "TLS is done")
        spliced.inject(b"\x50\0\0\0\x10" + bytes(16))
        self.audited(alpha, "protocol_violation", "before both sides")
        self.check_lives(alpha)

    def test_what_a_node_says_reflected_to_it(self):
        door, port = self.server()
        door.listeners.append(door.say)
        alpha = self.node("alpha", bootstrap=[f"tcp://127.0.0.1:{port}"])
        entry = self.audited(alpha, "authentication_failed", "reflected")
        self.assertEqual("true", entry["detail"]["dialled"])
        # Through a second channel, with the other role.
        door, port = self.server()
        bravo = self.node("bravo", bootstrap=[f"tcp://127.0.0.1:{port}"])
        client = self.client(bravo)
        door.listeners.append(client.say)
        client.listeners.append(door.say)
        client.say(bytes(door.heard))
        self.audited(bravo, "authentication_failed", count=1)
        self.check_lives(alpha)
        self.check_lives(bravo)

    def test_genuine_signatures_from_another_channel(self):
        """Mallory has a channel with each of two that trust each other, and
        hands on what they say."""
        alpha = self.node("alpha")
        to_bravo, port = self.server()
        bravo = self.node(
            "bravo", listen=False,
            bootstrap=[f"tcp://127.0.0.1:{port}#{alpha.id}"])
        # The first word of bravo tells that its TLS handshake is over.
        wait_until(lambda: len(to_bravo.heard) > 32, 15, "bravo dials")
        to_alpha = self.client(alpha)
        to_alpha.listeners.append(to_bravo.say)
        to_bravo.listeners.append(to_alpha.say)
        to_alpha.say(bytes(to_bravo.heard))
        entry = self.audited(bravo, "authentication_failed", "channel")
        self.assertEqual("true", entry["detail"]["dialled"])
        self.audited(alpha, "authentication_failed")
        self.check_lives(alpha)
        self.check_lives(bravo)

    def test_a_node_with_another_id_than_was_dialled(self):
        alpha = self.node("alpha")
        bravo = self.node("bravo", listen=False)
        charlie = self.ids["charlie"].id
        told = self.assertRefused(
            {"authentication_failed"}, bravo.post, "/v1/connect",
            {"address": alpha.address, "id": charlie})
        self.assertIn(charlie, told.text)
        self.audited(bravo, "authentication_failed", charlie)
        self.audited(alpha, "authentication_failed", charlie)
        self.check_lives(alpha)
