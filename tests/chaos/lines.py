"""The lines between nodes: each way from one node to another is a small proxy that can be cut, slowed or made deaf."""

import asyncio
import threading
from contextlib import suppress

OPEN, CUT, SILENT, SLOW, DEAF = "open", "cut", "silent", "slow", "deaf"
TROUBLES = {
    CUT: "nobody answers, and what is under way breaks off",
    SILENT: "connections are taken and never answered",
    SLOW: "every piece is half a second late",
    DEAF: "requests arrive, their answers are lost",
}
LATE = 0.5  # seconds


class Lines:
    """All lines of a neighbourhood, in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="lines", daemon=True).start()

    def lay(self, target: int) -> "Line":
        """Return a new line to a port of this machine."""
        line = Line(self._loop, target)
        asyncio.run_coroutine_threadsafe(line.listen(), self._loop).result(10)
        return line


class Line:
    """One way from a node to another. `state` is what is done to what passes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: int) -> None:
        self.state, self.port = OPEN, 0
        self._loop, self._target = loop, target
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._server = server

    def become(self, state: str) -> None:
        """Change what is done to what passes; connections that were open break off."""
        self.state = state
        self._loop.call_soon_threadsafe(self._hang_up)

    def _hang_up(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        with suppress(OSError, asyncio.IncompleteReadError):
            if self.state == CUT:
                writer.transport.abort()
            elif self.state == SILENT:
                while await reader.read(65536):
                    pass
            else:
                answers, there = await asyncio.open_connection("127.0.0.1", self._target)
                self._writers.add(there)
                await asyncio.gather(self._carry(reader, there), self._carry(answers, writer, answer=True))
        for end in (writer, there):
            if end is not None:
                self._writers.discard(end)
                end.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answer: bool = False
    ) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if self.state == SLOW:
                    await asyncio.sleep(LATE)
                if answer and self.state == DEAF:
                    break
                to.write(data)
                await to.drain()
        # Whichever side ends, the other is told by an end as abrupt as this one.
        to.transport.abort()
