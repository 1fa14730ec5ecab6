#!/usr/bin/env python3
"""A server that answers whoever is content with one answer, and lets everybody else wait.

hanging.py PORT MARK: MARK appears when somebody waits. Ends by itself after two minutes.
"""
import pathlib
import socket
import sys
import threading
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []


def serve(client):
    asked = client.recv(65536)
    if b"Connection: close" in asked:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n"
                       b"Hello, World!")
        client.close()
    elif asked:
        kept.append(client)
        pathlib.Path(sys.argv[2]).touch()


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
time.sleep(120)
