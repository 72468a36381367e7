"""The demo does the whole job on the bundled sample without a display, a key or the network."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.editor.commands.test_main_job import packets

pytestmark = pytest.mark.integration


@pytest.mark.usefixtures("no_network")
def test_the_demo_without_a_network(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    folder = tmp_path / "demo"
    outcome = run("demo", "--out", folder)
    assert outcome.code == 0, outcome.err.decode()
    said = outcome.out.decode()
    assert "Copied" in said and "encoded" in said and "Verified" in said
    assert {p.name for p in folder.iterdir()} == {
        "project.patchreel", "project.data", "patched.mp4", "heatmap.png", "report.json",
    }  # fmt: skip
    report = json.loads((folder / "report.json").read_bytes())
    assert report["export"]["verified"] and report["outside_changed"] == 0
    assert report["frames_that_hold"] >= 0.9 * report["frames_carried"]
    source = Path(__file__).parents[3] / "resources" / "sample" / "lake.mp4"
    copied = {p[4] for p in packets(source, "video")} & {p[4] for p in packets(folder / "patched.mp4", "video")}
    assert len(copied) == report["export"]["copied_packets"] == report["export"]["frames"] - report["export"]["encoded_frames"]
    assert packets(source, "audio") == packets(folder / "patched.mp4", "audio")
    assert run("verify", folder / "patched.mp4", "--project", folder / "project.patchreel").code == 0
