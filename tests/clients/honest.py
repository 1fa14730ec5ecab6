"""Honest clients: what they send, and the only answers that they take for right."""
import asyncio
import re

PATTERN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


class Wrong(Exception):
    """A server did what it must not do."""


def get(target, method="GET", extra=""):
    return f"{method} {target} HTTP/1.1\r\nHost: tenk\r\n{extra}\r\n".encode()


def post(body):
    return get("/echo", "POST", f"Content-Length: {len(body)}\r\n") + body


def chunked(*chunks):
    text = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return get("/echo", "POST", "Transfer-Encoding: chunked\r\n") + text + b"0\r\n\r\n"


def pattern(length):
    return (PATTERN * (length // 64 + 1))[:length]


UPLOAD = bytes(range(256)) * 80
# What is sent on a connection, and the answers: status, body, whether it is headless.
EXCHANGES = [
    (get("/plaintext") * 3, [(200, b"Hello, World!")] * 3),
    (get("/json") + get("/nowhere") + get("/bytes/20"),
     [(200, b'{"message":"Hello, World!"}'), (404, b"404 Not Found\n"), (200, pattern(20))]),
    (post(UPLOAD) + get("/plaintext"), [(200, UPLOAD), (200, b"Hello, World!")]),
    (chunked(b"some", b" body " * 100), [(200, b"some" + b" body " * 100)]),
    (get("/bytes/400000"), [(200, pattern(400000))]),
    (get("/wait/3") + get("/wait/1"), [(200, b"Waited 3 ms"), (200, b"Waited 1 ms")]),
    (get("/block/1") + get("/cpu/1000"), [(200, b"Blocked 1 ms"), (200, b"3298996588")]),
    (get("/calls/2/wait/1") + get("/calls/3/wait/1?together"),
     [(200, b"Waited 2 x 1 ms"), (200, b"Waited 3 x 1 ms")]),
]
REFUSED = (get("/plaintext")[:-2] + b"No-Colon\r\n\r\n", [(400, None)])


async def read_answer(reader, status, body):
    """One answer. EOFError where it is cut; Wrong where it is another."""
    head = await reader.readuntil(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
    length = re.search(rb"\r\ncontent-length: *(\d+)\r\n", head, re.IGNORECASE)
    if not match or not length:
        raise Wrong(f"no answer: {head!r}")
    code = int(match[1])
    came = await reader.readexactly(int(length[1]))
    if code == 503 and status != 503:
        raise EOFError  # it says that it cannot
    if code != status or (body is not None and came != body):
        raise Wrong(f"answered {code} with {came[:80]!r}, not {status} with {(body or b'')[:80]!r}")


async def talk(port, exchange):
    """True if all was answered, False if the server gave up the connection."""
    said, answers = exchange
    writer = None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(said)
        for status, body in answers:
            await read_answer(reader, status, body)
        return True
    except (EOFError, ConnectionError):
        return False
    finally:
        if writer:
            writer.close()
