"""How Sphinx makes the site: `make docs`."""

import sys
from pathlib import Path

_PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(_PROJECT / "src"), str(_PROJECT / "tools")]

import credit_pipeline  # noqa: E402 - the path is set above

project = "credit_pipeline"
release = credit_pipeline.__version__
html_title = f"{project} {release}"
html_show_copyright = False

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "documentation.extension",
    "documentation.links",
    "documentation.mathml",
]
exclude_patterns = ["_site", "images"]
suppress_warnings = ["myst.header"]  # the glossary has headings of the third level below the first

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f4e79",
        "color-brand-content": "#1f5f99",
        "color-api-name": "#1f4e79",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab8e6",
        "color-brand-content": "#8ab8e6",
        "color-api-name": "#8ab8e6",
    },
}
pygments_style = "tango"
pygments_dark_style = "monokai"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4

add_module_names = False
default_role = "literal"
smartquotes_action = "D"  # dashes, and quotes as they are typed
autodoc_inherit_docstrings = False
autodoc_typehints = "signature"
maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
napoleon_google_docstring = False
napoleon_use_rtype = False
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
