"""
The floor under the exchange: `python -m tongban.measuring.barest FILE BYTES`, the barest server that keeps what it answers for.

It takes POSTs over HTTP/1.1, a thread for each connection, appends each body to a file, flushes it to the disk, and answers
so many bytes. The first line it prints is the port.
"""

import os
import socket
import sys
import threading


def _serve(line: socket.socket, file: int, answer: bytes) -> None:
    read = b""
    while True:
        head, there, body = read.partition(b"\r\n\r\n")
        if there:
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(body) < length:
                body += line.recv(1 << 16)
            os.write(file, body[:length])
            os.fsync(file)
            line.sendall(answer)
            read = body[length:]
        elif more := line.recv(1 << 16):
            read += more
        else:
            return


def main(path: str, size: int) -> None:
    """Serve until the process is ended."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size
    with socket.create_server(("127.0.0.1", 0)) as server:
        sys.stdout.write(f"{server.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            line, _ = server.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(line, file, answer), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
