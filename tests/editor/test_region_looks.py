"""The outline on the screen is the outline of the mask: what is seen is what will change."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from editor.region_values import to_canvas
from engine.compositing.mask import region_mask
from engine.project.model import Region, RegionKind, Shape
from widgets.frame_image import from_qimage
from widgets.roi_canvas.whole import outline, stage

WIDTH, HEIGHT = 400, 240
STROKE = Shape(RegionKind.BRUSH, ((0.3, 0.3), (0.6, 0.4), (0.55, 0.7)), 0.06)
HOLE = Shape(RegionKind.ELLIPSE, ((0.35, 0.35), (0.5, 0.6)), is_subtracted=True)
LASSO = ((0.2, 0.2), (0.8, 0.3), (0.7, 0.8), (0.3, 0.6))
REGIONS = [
    Region(RegionKind.ELLIPSE, ((0.2, 0.1), (0.7, 0.9)), 0),
    Region(RegionKind.BRUSH, STROKE.points, 0, STROKE.radius),
    Region(RegionKind.BOX, ((0.25, 0.25), (0.75, 0.75)), 0, grow_px=9),
    Region(RegionKind.LASSO, LASSO, 0, more=(HOLE, STROKE)),
    Region(RegionKind.LASSO, LASSO, 0, more=(STROKE, HOLE), grow_px=-6),
    Region(RegionKind.LASSO, LASSO, 0, more=(HOLE, Shape(RegionKind.BOX, ((0.0, 0.9), (0.3, 1.0)))), grow_px=5),
]


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: f"{region.kind.value} {len(region.more)} {region.grow_px:g}")
def test_what_is_outlined_is_what_the_mask_covers(qtbot: QtBot, region: Region) -> None:
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB888)
    image.fill(0)
    frame = QRectF(0, 0, WIDTH, HEIGHT)
    painter = QPainter(image)
    painter.fillPath(outline(to_canvas(region).shapes, stage(frame, frame, region.grow_px)), QColor(255, 255, 255))
    painter.end()
    seen = from_qimage(image)[:, :, 0] > 127

    mask = region_mask(region, WIDTH, HEIGHT)
    covered = np.zeros((HEIGHT, WIDTH), np.bool_)
    covered[mask.y : mask.y + mask.alpha.shape[0], mask.x : mask.x + mask.alpha.shape[1]] = mask.alpha > 0.5
    assert covered.any()
    edge = cv2.morphologyEx(covered.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    assert not (seen != covered)[~edge].any(), "they differ by two pixels at most, and only along the outline"
    assert (seen != covered).mean() < 0.01
