"""Verdicts as a table in Markdown."""

from tests.bench.h264.judging import Verdict

_HEAD = "| class | file | window | verdict | encoded / needed | mean / min dB | bytes | remarks |"


def table(verdicts: list[Verdict]) -> str:
    """One row for each case, in the order they ran."""
    return "\n".join([_HEAD, "|---" * 8 + "|", *(row(verdict) for verdict in verdicts)])


def row(verdict: Verdict) -> str:
    """`bytes` is what the encoded frames take, as a multiple of the frames they replace."""
    cells = [
        str(verdict.section or ""), verdict.source, verdict.window, verdict.word,
        f"{_or(verdict.encoded)} / {_or(verdict.needed)}",
        f"{_or(verdict.mean_db, '.1f')} / {_or(verdict.min_db, '.1f')}", _or(verdict.size_ratio, ".2f"),
        "; ".join([*verdict.problems, *([verdict.reason] if verdict.reason else []), *verdict.remarks]).replace("|", "/"),
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _or(value: float | None, form: str = "d") -> str:
    return "–" if value is None else format(value, form)
