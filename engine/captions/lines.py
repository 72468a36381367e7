"""Where the lines of a caption break: two lines of about one length, parted where the sentence parts."""

_CLAUSE_END = tuple(",;:.!?…、。，！？")
_CLINGING = frozenset({
    "a", "an", "the", "of", "to", "in", "on", "at", "for", "and", "or", "but", "with", "my", "your", "his", "her", "our", "their",
})  # fmt: skip
"""English words that belong to the next one; in other languages only length and signs decide."""


def fits(text: str, line_characters: int, lines: int) -> bool:
    """Whether a text can be broken into so many lines."""
    return len(text) <= line_characters or (lines > 1 and broken(text, line_characters) is not None)


def broken(text: str, line_characters: int) -> str | None:
    """The text in two lines at the best place; None where there is none that fits. One line stays one where it fits."""
    if len(text) <= line_characters:
        return text
    places = [place for place, character in enumerate(text) if character == " "]
    if not places:  # a script that parts no words
        places = [place for place in range(1, len(text)) if text[place] not in _CLAUSE_END]
        cuts = [(text[:place], text[place:]) for place in places]
    else:
        cuts = [(text[:place], text[place + 1 :]) for place in places]
    fitting = [cut for cut in cuts if max(map(len, cut)) <= line_characters]
    best = min(fitting, key=lambda cut: _badness(*cut), default=None)
    return None if best is None else "\n".join(best)


def _badness(first: str, second: str) -> float:
    """In characters: how far from even, less where a clause ends, more where a word is torn from what it belongs to."""
    score = float(abs(len(first) - len(second)))
    if first.endswith(_CLAUSE_END):
        score -= 12
    if first.rsplit(" ", 1)[-1].casefold() in _CLINGING:
        score += 8
    if second.split(" ", 1)[0].casefold() in _CLINGING:
        score -= 6
    return score if len(first) <= len(second) else score + 2
