"""Formulas of the site as MathML with a font of the site: nothing is fetched, and no script runs."""

import re
from io import BytesIO
from pathlib import Path

import ziamath
from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from fontTools import subset
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
FONT = Path(ziamath.__file__).parent / "fonts/STIXTwoMath-Regular.ttf"
# Latin, Greek, accents, punctuation, letterlike, arrows, operators, brackets, alphabets: italic, bold, script, doubled.
_CHARACTERS = (
    (0x20, 0xFF),
    (0x2C6, 0x338),
    (0x370, 0x3FF),
    (0x2010, 0x2064),
    (0x20D0, 0x22FF),
    (0x2308, 0x230B),
    (0x239B, 0x23B7),
    (0x27E6, 0x27EB),
    (0x1D400, 0x1D4CF),
    (0x1D538, 0x1D56B),
    (0x1D6A4, 0x1D71B),
)
# Two commands that docutils does not know, for two that it does.
_DOTS = re.compile(r"\\dots(?![a-zA-Z])")
_SIZED = re.compile(r"\\([bB]igg?)(?![a-zA-Z])")
# Space between a function and an argument without brackets.
_APPLIED = re.compile(r"(<mo>&ApplyFunction;</mo>)(?!\s*<mo[^>]*>\()")


def mathml(formula: str, *, block: bool) -> str:
    """Write a formula of LaTeX as MathML; a block may have several lines.

    Raises
    ------
    MathError
        The formula has a command that docutils does not know.
    """
    written = latex2mathml.tex2mathml(_SIZED.sub(r"\\\1l", _DOTS.sub(r"\\ldots", formula)), as_block=block)
    return _APPLIED.sub(r'\1<mspace width="0.17em"/>', str(written)).replace("\n", "")


def _write(translator: HTML5Translator, node: nodes.Element) -> None:
    block = isinstance(node, nodes.math_block)
    try:
        text = mathml(node.astext(), block=block)
    except MathError as fault:
        LOGGER.warning("%s: %s", fault, node.astext(), location=node)
        text = translator.encode(node.astext())
    translator.body.append(f'<div class="formula">{text}</div>\n' if block else text)
    raise nodes.SkipNode


def _write_font(app: Sphinx) -> None:
    """Write the part of the font that formulas need, with its licence, beside the style sheets."""
    target = Path(app.outdir) / "_static/stix_two_math.woff"
    if target.exists():
        return
    options = subset.Options(
        flavor="woff", name_IDs=["*"], layout_features=["ssty", "dtls", "flac"], notdef_outline=True
    )
    font = subset.load_font(FONT, options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[code for first, last in _CHARACTERS for code in range(first, last + 1)])
    cut.subset(font)
    subset.save_font(font, made := BytesIO(), options)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(made.getvalue())


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (_write, None), (_write, None))
    app.connect("builder-inited", _write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
