"""The load: connections in this process that each keep some transfers unanswered. The same for every bank."""

import selectors
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.benchmarks.pipelines import Reader
from tests.benchmarks.transfers.workload import Dialect, Stream

ANSWER_S = 60.0


class Load(NamedTuple):
    """`rate`: answers per second. `share`: of one processor, what making the load took."""

    rate: float
    share: float


def run(sockets: Sequence[socket.socket], streams: Sequence[Stream], dialect: Dialect, depth: int, s: float) -> Load:
    """Keep `depth` requests of each socket unanswered for so many seconds; then wait for what is still to come.

    All that a stream has sent has been answered when this returns.
    """
    selector = selectors.DefaultSelector()
    for tcp, stream in zip(sockets, streams, strict=True):
        selector.register(tcp, selectors.EVENT_READ, (tcp, Reader(), stream))
        tcp.sendall(stream.next(depth))
    answers, waiting, answered, is_over = dialect.answers, depth * len(sockets), 0, False
    began, used = time.perf_counter(), time.process_time()
    load = Load(0.0, 0.0)
    while waiting:
        ready = selector.select(ANSWER_S)
        if not ready:
            raise TimeoutError(f"{waiting} transfers were not answered in {ANSWER_S} s")
        for key, _ in ready:
            tcp, reader, stream = key.data
            data = tcp.recv(262_144)
            if not data:
                raise ConnectionError("the server closed a connection")
            done = sum(map(answers, reader.binary_sizes(data)))
            answered += done
            if is_over:
                waiting -= done
            elif done:
                tcp.sendall(stream.next(done))
        if not is_over and (elapsed := time.perf_counter() - began) >= s:
            is_over = True
            load = Load(answered / elapsed, (time.process_time() - used) / elapsed)
    selector.close()
    return load
