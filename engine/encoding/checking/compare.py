"""Compares a spliced file with its source: by tables where those tell, else packet by packet."""

from engine.encoding.checking.packet_compare import compare_packets
from engine.encoding.checking.report import Comparison, PacketReport
from engine.encoding.checking.table_compare import compare_tables
from engine.running import CancelToken


def compare(job: Comparison, *, cancel: CancelToken) -> PacketReport:
    """The same report either way. Raises MediaError, OSError, Cancelled."""
    return compare_tables(job, cancel=cancel) or compare_packets(job, cancel=cancel)
