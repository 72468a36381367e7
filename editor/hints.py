"""What the tool in the hand does, and what the keys do in front of the picture: the words at the window's foot."""

from editor.session import Tool

HINTS = {
    Tool.SELECT: ("Select", "Drag a clip to move it, its edge to trim it. Space plays, S cuts at the playhead."),
    Tool.RAZOR: ("Blade", "Click a clip to cut it there. V goes back to selecting."),
    Tool.BOX: ("Box", "Drag on the picture, or press Enter for one in the middle. Shift: a square, Alt: centred."),
    Tool.LASSO: ("Lasso", "Drag to draw, click for points. Enter closes, Backspace removes the last point, Esc cancels."),
    Tool.ELLIPSE: ("Ellipse", "Drag on the picture, or press Enter for one in the middle. Shift: a circle, Alt: centred."),
    Tool.BRUSH: ("Brush", "Paint the region. Ctrl+wheel, Alt+Up and Alt+Down change the pen, Shift paints straight, Esc ends."),
    Tool.HAND: ("Hand", "Drag the picture. The wheel zooms at the pointer."),
}
REGION_HINT = (
    "Region", "Arrows move it, with Ctrl they resize it. Tab goes to its shapes, Page Down to its points, Delete removes one."
)
GENERATE_HINT = ("Generate", "Ctrl+Enter sends what stands in the form, Space plays a card. You can go on editing meanwhile.")
START_HINT = ("", "No project open")
