"""How well a patch holds, by families of scenes that no constant was tuned on.

Run: python -m tests.bench.motion_families MEDIA [--baselines FILE.py] [--held] [--families a,b] [--seeds 3] [--sheets DIR]

MEDIA is the folder with the photos and clips. `--baselines` is an outside evaluator with a table BASE of methods of the plug-in's
signature; it is read for comparison only and takes most of the time (kept in --cache FILE between runs). Figures, as means over
frames: dB over the visible part of the region; `front`, mean levels painted over what hides it; `beside`, levels changed outside.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.bench import motion_plugin, motion_real, motion_scenes
from tests.bench.motion_render import Bgr, Scene

FAMILIES = motion_scenes.FAMILIES | motion_real.FAMILIES
Method = Callable[..., Sequence[Bgr]]
Score = dict[str, float]


def methods_of(path: str) -> dict[str, Method]:
    spec = importlib.util.spec_from_file_location("outside", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: module.BASE[name] for name in ("planar", "direct", "chain")}


def score(scene: Scene, result: Sequence[Bgr]) -> Score:
    """Means over the frames; also the worst tenth of them and how many frames count."""
    values, painted, beside = [], [], []
    for number, (shown, truth) in enumerate(zip(result, scene.truth, strict=True)):
        if number == scene.anchor:
            continue
        error = (shown.astype(np.float32) - truth)
        part, hidden = scene.region[number] > 0.5, scene.front[number] > 0.9
        if part.sum() > 80:
            values.append(float(10 * np.log10(255**2 / max(1e-3, float((error[part] ** 2).mean())))))
        if hidden.sum() > 50:
            painted.append(float(np.abs(error[hidden]).mean()))
        near = cv2.dilate(((scene.region[number] + scene.front[number]) > 0.02).astype(np.uint8), np.ones((17, 17), np.uint8))
        around = (cv2.dilate(near, np.ones((81, 81), np.uint8)) > 0) & (near == 0)
        if around.any():
            beside.append(float(np.abs(error[around]).mean()))
    low = sorted(values)[:max(1, len(values) // 10)]
    return {
        "dB": float(np.mean(values)), "low": float(np.mean(low)), "front": float(np.mean(painted)) if painted else float("nan"),
        "beside": float(np.mean(beside)) if beside else 0.0,
    }


def _one(job: tuple[str, int, str, str | None, str | None, tuple[str, ...]]) -> dict[str, Score]:
    family, seed, media, baselines, sheets, only = job
    cv2.setNumThreads(1)
    scene = FAMILIES[family](Path(media), seed)
    table: dict[str, Method] = {"ours": motion_plugin.propagate, **(methods_of(baselines) if baselines else {})}
    result: dict[str, Score] = {}
    for name, method in table.items():
        if only and name not in only:
            continue
        begun = time.process_time()
        frames = method(scene.frames, scene.anchor, scene.patched, scene.mask)
        seconds = time.process_time() - begun
        result[name] = score(scene, frames) | {"ms": 1000 * seconds / len(frames)}
        if sheets and name == "ours":
            sheet(scene, frames, Path(sheets) / f"{family}_{seed}.png")
    return result


def sheet(scene: Scene, result: Sequence[Bgr], target: Path) -> None:
    """Rows: what was made, the truth. Columns: five frames over the window."""
    last = len(scene.frames) - 1
    chosen = sorted({0, scene.anchor // 2, scene.anchor, (scene.anchor + last) // 2, last})
    height = 180
    rows = [np.hstack([cv2.resize(images[n], (height * 16 // 9, height)) for n in chosen]) for images in (result, scene.truth)]
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), np.vstack(rows))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("media")
    parser.add_argument("--baselines")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sheets")
    arguments = parser.parse_args()
    first = motion_scenes.HELD_OUT if arguments.held else 0
    cases = [(family, first + n) for family in arguments.families.split(",") for n in range(arguments.seeds)]
    kept: dict[str, dict[str, Score]] = {}
    if arguments.cache and arguments.cache.exists():
        kept = json.loads(arguments.cache.read_text(encoding="utf-8"))
    jobs = [
        (family, seed, arguments.media, arguments.baselines, arguments.sheets, ("ours",) if f"{family}-{seed}" in kept else ())
        for family, seed in cases
    ]
    table: dict[str, dict[str, Score]] = {}
    with ProcessPoolExecutor(2) as pool:
        for (family, seed), found in zip(cases, pool.map(_one, jobs), strict=True):
            key = f"{family}-{seed}"
            if arguments.baselines and key not in kept:
                kept[key] = {name: value for name, value in found.items() if name != "ours"}
            table[key] = {**found, **kept.get(key, {})}
            sys.stdout.write(_line(key, table[key]))
            sys.stdout.flush()
    if arguments.cache:
        arguments.cache.write_text(json.dumps(kept), encoding="utf-8")
    _summary(table)


def _line(name: str, row: dict[str, Score]) -> str:
    figures = "  ".join(
        f"{method} {s['dB']:5.1f} ({s['low']:4.1f}) {s['front']:4.1f}/{s['beside']:4.2f} {s['ms']:4.0f}ms"
        for method, s in row.items()
    )
    return f"{name:13} {figures}\n"


def _summary(table: dict[str, dict[str, Score]]) -> None:
    families = list(dict.fromkeys(key.rsplit("-", 1)[0] for key in table))
    rows: dict[str, dict[str, Any]] = {}
    for family in families:
        members = [row for key, row in table.items() if key.rsplit("-", 1)[0] == family]
        rows[family] = {name: float(np.mean([row[name]["dB"] for row in members])) for name in members[0]}
    rows["MEAN"] = {name: float(np.mean([row[name] for row in rows.values()])) for name in rows[families[0]]}
    for family, values in rows.items():
        sys.stdout.write(f"{family:11}" + "".join(f"{name:>9} {value:5.1f}" for name, value in values.items()) + "\n")


if __name__ == "__main__":
    main()
