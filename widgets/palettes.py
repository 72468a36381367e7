"""The three palettes, role by role. Colours only: nothing here knows Qt widgets or where a role is used."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """One palette, as `#rrggbb` strings by role, with the name and the scale it is shown at.

    Roles: surfaces `bg0` (round the picture), `bg1` (window), `bg2` (panel), `bg3` (control, hover), `bg4` (chosen),
    `well` (field), `lane` (timeline lane), `pop` (popup); lines `line`, `line2`; groove `chk`; texts `t1`, `t2`, `t3`,
    disabled `td`; accent `ac` (fill), `ac2` (hover), `ac3` (pressed), `ink` (text on it), `act` (accent as text), `acs` (tint);
    `gr`/`am`/`rd` with tints `grs`/`ams`/`rds`; clips `vid vid2 vidt`, `aud aud2 wav wav2`, `cap cap2 capt`, `pat` (patch body);
    `sel`, `head` (playhead), `focus`.
    """

    name: str
    bg0: str
    bg1: str
    bg2: str
    bg3: str
    bg4: str
    well: str
    lane: str
    pop: str
    line: str
    line2: str
    chk: str
    t1: str
    t2: str
    t3: str
    td: str
    ac: str
    ac2: str
    ac3: str
    ink: str
    act: str
    acs: str
    grs: str
    ams: str
    rds: str
    gr: str
    am: str
    rd: str
    vid: str
    vid2: str
    vidt: str
    aud: str
    aud2: str
    wav: str
    wav2: str
    cap: str
    cap2: str
    capt: str
    pat: str
    sel: str
    head: str
    focus: str
    scale: float = 1.0

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """The colour of a role; `alpha` 0..1. A name that is no role raises AttributeError."""
        return QColor(_color(str(getattr(self, role)), alpha))

    def px(self, value: float) -> int:
        """A length of the design (px at 100 %) in logical pixels at this theme's scale, never less than 1 for 1."""
        return max(1, round(value * self.scale)) if value > 0 else 0

    @property
    def is_dark(self) -> bool:
        return self.color("bg2").lightnessF() < 0.5

    @property
    def has_borders(self) -> bool:
        """High contrast draws a border round every panel and control."""
        return self.name == "high contrast"


@lru_cache(maxsize=1024)
def _color(text: str, alpha: float) -> QColor:
    """Read once: painting asks for the same few colours thousands of times."""
    color = QColor(text)
    color.setAlphaF(alpha)
    return color


DARK = Theme(
    name="dark",
    bg0="#0c0c0d", bg1="#141416", bg2="#1b1b1e", bg3="#26262a", bg4="#313137",
    well="#141416", lane="#121214", pop="#202024", line="#2a2a2f", line2="#4a4a53", chk="#3a3a41",
    t1="#ededf0", t2="#b5b5bd", t3="#9c9ca6", td="#5f5f68",
    ac="#ff8b4a", ac2="#ffa36e", ac3="#e0702f", ink="#1d0e05", act="#ffab7c",
    acs="#3d2c25", grs="#23332d", ams="#383322", rds="#3b262c", gr="#57c98a", am="#e9c53d", rd="#ff6b80",
    vid="#2c3642", vid2="#3d4a59", vidt="#dfe7f0",
    aud="#1d3833", aud2="#2f554d", wav="#3f7467", wav2="#74ab9d",
    cap="#2f2d3d", cap2="#4a4761", capt="#d9d6ee", pat="#523323",
    sel="#f4f4f6", head="#f4f4f6", focus="#f4f4f6",
)  # fmt: skip

LIGHT = Theme(
    name="light",
    bg0="#cfcfd3", bg1="#dededf", bg2="#f3f3f4", bg3="#ffffff", bg4="#e6e6e9",
    well="#ffffff", lane="#e7e7e9", pop="#fafafa", line="#d0d0d4", line2="#9a9aa3", chk="#c3c3c9",
    t1="#17171a", t2="#45454d", t3="#5d5d66", td="#9b9ba3",
    ac="#c24b08", ac2="#b34508", ac3="#9c3a03", ink="#ffffff", act="#873403",
    acs="#eee1da", grs="#d7e2dd", ams="#e7e1cd", rds="#ecdde1", gr="#0b6838", am="#6f5300", rd="#b01a37",
    vid="#c9d4e0", vid2="#8fa2b7", vidt="#16202b",
    aud="#cbe3db", aud2="#86b5a6", wav="#3f8572", wav2="#215c4c",
    cap="#dcd9ec", cap2="#a5a0c6", capt="#25213d", pat="#dec2b5",
    sel="#17171a", head="#17171a", focus="#17171a",
)  # fmt: skip

HIGH_CONTRAST = Theme(
    name="high contrast",
    bg0="#000000", bg1="#000000", bg2="#000000", bg3="#000000", bg4="#2b2b2b",
    well="#000000", lane="#000000", pop="#000000", line="#8a8a8a", line2="#ffffff", chk="#6e6e6e",
    t1="#ffffff", t2="#ffffff", t3="#e4e4e4", td="#a0a0a0",
    ac="#ffa05c", ac2="#ffb885", ac3="#ff8b3a", ink="#000000", act="#ffbe90",
    acs="#3a1c06", grs="#003d1f", ams="#3d3300", rds="#4a0a15", gr="#4dff9d", am="#ffe14a", rd="#ff8b9a",
    vid="#101c2a", vid2="#9cc3ee", vidt="#ffffff",
    aud="#00221b", aud2="#74e0c4", wav="#74e0c4", wav2="#d2fff4",
    cap="#1a1633", cap2="#c0b5ff", capt="#ffffff", pat="#3a1c06",
    sel="#ffffff", head="#ffffff", focus="#ffff5c",
)  # fmt: skip

THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
