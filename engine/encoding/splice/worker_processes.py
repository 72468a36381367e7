"""Encodes runs in processes of their own, several at once. Started fresh (`spawn`), never forked: a window may live in this
process. A worker ends when it is told to, when it does not answer to a cancel, and when the process that started it is gone.
"""

import functools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

from engine.compositing.sources import Sources
from engine.encoding.forward_sources import ForwardSources
from engine.encoding.result import OpenSources
from engine.encoding.splice.segment_task import SegmentContext, encode_run
from engine.running import CancelToken, EventCancelToken

_POLL_S = 0.05
_PATIENCE_S = 0.25
"""A cancelled worker looks at its token at every frame; what does not answer by then is killed."""

_spawn = multiprocessing.get_context("spawn")


def encode_apart(
    runs: Sequence[range], context: SegmentContext, open_sources: OpenSources, workers: int, *, cancel: CancelToken,
    on_frames: Callable[[int], None],
) -> Generator[tuple[range, bytes], None, None]:  # fmt: skip
    """Runs with their segments' bytes, as they are finished; never more than `workers` are under way or waiting to be taken.

    `on_frames` hears how many frames are encoded by now. Close the generator to stop. Raises what `encode_run` raises, and
    BrokenProcessPool where a worker was killed.
    """
    waiting, running = deque(runs), dict[Future[bytes], range]()
    cancelled, frames_done = _spawn.Event(), _spawn.Value("q", 0)
    begin = (_Shared(context, open_sources, cancelled, frames_done),)
    pool = ProcessPoolExecutor(min(workers, len(runs)), mp_context=_spawn, initializer=_begin, initargs=begin)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                frames = waiting.popleft()
                running[pool.submit(_encode, frames)] = frames
            finished, _ = wait(running, _POLL_S, FIRST_COMPLETED)
            cancel.check()
            on_frames(frames_done.value)
            for future in finished:
                yield running.pop(future), future.result()
    finally:
        cancelled.set()
        _end(pool, running)


def _end(pool: ProcessPoolExecutor, running: Iterable[Future[bytes]]) -> None:
    """Wait for the workers; kill them where they do not answer."""
    for future in running:
        future.cancel()
    if wait(running, _PATIENCE_S).not_done:
        for process in list((pool._processes or {}).values()):
            process.kill()
    pool.shutdown(wait=True, cancel_futures=True)


# --- inside a worker ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a worker is given once, at its start."""

    context: SegmentContext
    open_sources: OpenSources
    cancelled: Event
    frames_done: "Synchronized[int]"


_shared: list[_Shared] = []
"""Of this worker: one value, set when it begins."""


def _begin(shared: _Shared) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all processes of a terminal; the first one decides
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _shared.append(shared)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@functools.cache
def _sources() -> Sources:
    """Opened at the first run and then kept: they end with the process."""
    shared, stack = _shared[0], ExitStack()
    opened = stack.enter_context(shared.open_sources())
    return stack.enter_context(ForwardSources(opened, only_whole=True))


def _encode(frames: range) -> bytes:
    shared = _shared[0]

    def count() -> None:
        with shared.frames_done.get_lock():
            shared.frames_done.value += 1

    token = EventCancelToken(shared.cancelled)
    return encode_run(shared.context, _sources(), frames, cancel=token, on_frame=count)
