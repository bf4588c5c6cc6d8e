"""What is written on a figure, and whether it can be read."""

from itertools import combinations
from unittest import mock

from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def drawn_texts(figure: Figure) -> list[Text]:
    """Every piece of text that reaches the picture, title and answer first."""
    drawn: list[Text] = []
    draw = Text.draw

    def record(text: Text, renderer: RendererBase) -> None:
        drawn.append(text)
        draw(text, renderer)

    with mock.patch.object(Text, "draw", record):
        FigureCanvasAgg(figure).draw()
    return [*figure.texts, *(text for text in drawn if text.get_text().strip() and text not in figure.texts)]


def words(figure: Figure) -> list[str]:
    """The texts' words."""
    return [text.get_text() for text in drawn_texts(figure)]


def unreadable(figure: Figure) -> list[str]:
    """Words that are cut off at the edge or overlap others."""
    texts, edge = drawn_texts(figure), figure.bbox.padded(1)
    boxes = {text: text.get_window_extent() for text in texts}
    cut = [
        text.get_text()
        for text, box in boxes.items()
        if not (edge.x0 <= box.x0 <= box.x1 <= edge.x1 and edge.y0 <= box.y0 <= box.y1 <= edge.y1)
    ]
    overlaps = [(one, other, Bbox.intersection(boxes[one], boxes[other])) for one, other in combinations(texts, 2)]
    touching = [
        f"{one.get_text()} / {other.get_text()}"
        for one, other, common in overlaps
        if common is not None and min(common.width, common.height) >= 2
    ]
    return [*cut, *touching]
