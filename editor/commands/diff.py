"""Write the heatmap of a patch as PNG: its anchor frame, or with --strip a row for each frame of its window."""

import argparse
from typing import Any

from editor.commands.opening import open_project
from editor.commands.running import Answer, cancel_token, progress_report
from editor.commands.writing import png_target, write_png
from engine.jobs import diff as diff_job
from engine.project.atomic import write_atomically
from engine.project.lookup import get_patch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    parser.add_argument("--patch", required=True, metavar="ID")
    parser.add_argument("-o", "--output", required=True, metavar="PNG")
    parser.add_argument("--strip", action="store_true", help="one row per frame: original, result, heatmap")


def run(arguments: argparse.Namespace) -> Answer:
    target, opened = png_target(arguments.output), open_project(arguments.project)
    patch = get_patch(opened.project, arguments.patch)
    media = opened.project.media_by_id(patch.media_id)
    report = progress_report()
    data: dict[str, Any] = {"patch_id": patch.id, "output": str(target), "warnings": opened.warnings}
    if arguments.strip:
        rows = diff_job.strip(media, patch, opened.workspace, cancel=cancel_token(), report=report)
        write_png(target, rows)
        return Answer(data | {"height": rows.shape[0], "width": rows.shape[1]}, f"{target}: a row per frame")
    png, stats = diff_job.anchor_heatmap(media, patch, opened.workspace, cancel=cancel_token(), report=report)
    write_atomically(target, png)
    data |= {"changed_share": stats.changed_share, "largest": stats.largest, "mean_in_region": stats.mean_in_region,
             "outside_changed": stats.outside_changed_count}
    return Answer(data, f"{target}: {stats.changed_share:.1%} of the picture changed, by {stats.largest} of 255 at most; "
                        f"outside the region {stats.outside_changed_count} px changed")
