"""What uvicorn serves, without a framework: uvicorn app:app"""

import asyncio
import json
import re
import time

SYMBOLS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
PIECE = SYMBOLS * 1024  # of /bytes/N
ROUTE = re.compile(r"/(bytes|wait|block|cpu)/([0-9]{1,11})")
CALLS = re.compile(r"/calls/([0-9]{1,4})/wait/([0-9]{1,5})")
MOST = {"bytes": 100_000_000, "wait": 60_000, "block": 60_000, "cpu": 10_000_000_000}


async def begin(send, status, kind, length):
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", kind), (b"content-length", b"%d" % length)]})


async def answer(send, body, kind=b"text/plain", status=200):
    await begin(send, status, kind, len(body))
    await send({"type": "http.response.body", "body": body})


async def serve_bytes(send, count):
    await begin(send, 200, b"application/octet-stream", count)
    while count > len(PIECE):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        count -= len(PIECE)
    await send({"type": "http.response.body", "body": PIECE[:count]})


async def serve_echo(receive, send):
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    await answer(send, b"".join(pieces), b"application/octet-stream")


def xorshift(rounds):
    """Marsaglia's xorshift32."""
    x = 2463534242
    for _ in range(rounds):
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
    return x


async def serve_number(send, route, number):
    if route == "bytes":
        await serve_bytes(send, number)
    elif route == "wait":
        await asyncio.sleep(number / 1000)
        await answer(send, b"Waited %d ms" % number)
    elif route == "block":
        time.sleep(number / 1000)
        await answer(send, b"Blocked %d ms" % number)
    else:
        await answer(send, b"%d" % xorshift(number))


async def serve_calls(send, count, ms, together):
    """In turn, or all at once."""
    if together:
        await asyncio.gather(*(asyncio.sleep(ms / 1000) for _ in range(count)))
    else:
        for _ in range(count):
            await asyncio.sleep(ms / 1000)
    await answer(send, b"Waited %d x %d ms" % (count, ms))


async def app(scope, receive, send):
    path = scope["path"]
    if path == "/plaintext":
        await answer(send, b"Hello, World!")
    elif path == "/json":
        body = json.dumps({"message": "Hello, World!"}, separators=(",", ":"))
        await answer(send, body.encode(), b"application/json")
    elif path == "/echo" and scope["method"] == "POST":
        await serve_echo(receive, send)
    elif (found := ROUTE.fullmatch(path)) and int(found[2]) <= MOST[found[1]]:
        await serve_number(send, found[1], int(found[2]))
    elif (found := CALLS.fullmatch(path)) and int(found[1]) <= 1000 and int(found[2]) <= 60_000:
        await serve_calls(send, int(found[1]), int(found[2]), scope["query_string"] == b"together")
    else:
        await answer(send, b"404 Not Found\n", status=404)
