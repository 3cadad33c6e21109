"""The site of the course, in two builds, English and Korean.

python -m sphinx -W docs build/site
python -m sphinx -W -c docs -D language=ko docs/ko build/site/ko
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.tools.api import link as linkcode_resolve  # noqa: F401

project = "minigrad"
language = "en"
extensions = ["myst_parser", "sphinx.ext.linkcode", "sphinx_copybutton"]
extensions += ["docs.tools.site", "docs.tools.languages", "docs.tools.api", "docs.tools.names"]
exclude_patterns = ["ko", "README.ko.md"]
nitpicky = True
smartquotes = False  # quotes as typed, as GitHub shows them
highlight_language = "none"

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

# The Korean font comes with the site. It is first because Chromium looks for a glyph only once.
# Code is small enough for 100 characters per line.
FONTS = {
    "font-stack": "korean, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
    "font-stack--monospace": "korean, ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace",
    "code-font-size": "0.78rem",
}
html_theme = "furo"
html_title = "minigrad"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["course.css"]
html_search_scorer = str(Path(__file__).parent / "_static/scorer.js")
html_copy_source = html_use_index = html_domain_indices = False
html_show_sphinx = html_show_copyright = False
html_math_renderer = "mathml"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0369a1",
        "color-brand-content": "#0369a1",
        "color-brand-visited": "#0369a1",
        **FONTS,
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc4ee",
        "color-brand-content": "#7cc4ee",
        "color-brand-visited": "#7cc4ee",
    },
}
pygments_style, pygments_dark_style = "a11y-light", "github-dark"
copybutton_prompt_text, copybutton_prompt_is_regexp = r">>> |\.\.\. ", True
python_use_unqualified_type_names = True
