#!/usr/bin/env python3
"""A server that writes down what it is asked for, and answers in two parts.

recorder.py PORT_FILE RECORD [HEAD_S [BODY_S]]: PORT_FILE gets {"port": N}; RECORD a line of JSON for each
request. The head of an answer comes after HEAD_S seconds, its body BODY_S later (0). Ends by itself after
two minutes.
"""
import json
import os
import socket
import sys
import threading
import time

head_s, body_s = (float(text) for text in (sys.argv[3:] + ["0", "0"])[:2])
record = open(sys.argv[2], "a", buffering=1)
listener = socket.create_server(("127.0.0.1", 0), backlog=64)


def answer(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = client.makefile("rb")
    while line := stream.readline().decode().split():
        headers = {}
        while field := stream.readline().decode().strip():
            name, value = field.split(":", 1)
            headers[name] = value.strip()
        body = stream.read(int(headers.get("Content-Length", 0))).decode()
        record.write(json.dumps({"method": line[0], "target": line[1], "headers": headers, "body": body,
                                 "at": time.monotonic(), "client": client.getpeername()[1]}) + "\n")
        time.sleep(head_s)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (b"" if body_s else b"Hello"))
        if body_s:
            time.sleep(body_s)
            client.sendall(b"Hello")


def serve(client):
    try:
        answer(client)
    except OSError:
        pass  # it has gone


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
with open(sys.argv[1] + ".new", "w") as file:
    json.dump({"port": listener.getsockname()[1]}, file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(120)
