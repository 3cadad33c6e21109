"""Pages: an HTML file and the modules it names, joined into one file that fetches nothing.

The sources are plain: HTML, style sheets, and JavaScript modules that import each other. A browser
takes them as they are; joined, they can be opened anywhere, and sent to anyone.
"""

from __future__ import annotations

import re
from pathlib import Path

SHEET = re.compile(r'<link rel="stylesheet" href="([^":]+)">')
SCRIPT = re.compile(r'<script type="module" src="([^":]+)"></script>')
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n+', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.M)
NAMED = re.compile(r"^(?:async )?(?:const|let|function\*?|class) ([\w$]+)", re.M)


def joined(page: Path) -> str:
    """The text of a page with the style sheets and the modules that it names inside.

    The modules come in one <script>, each once and after those it imports, without the words
    `import` and `export`. So they share one scope. Raises ValueError if two modules give one name
    to different things, or import under another name.
    """
    text = page.read_text("utf-8")
    text = SHEET.sub(lambda found: f"<style>\n{_read(page.parent / found[1])}</style>", text)
    return SCRIPT.sub(
        lambda found: f'<script type="module">\n{_modules(page.parent / found[1])}</script>', text
    )


def _modules(main: Path) -> str:
    """A module with all that it imports; in a circle of imports, the first one comes last."""
    found: dict[Path, str] = {}
    names: dict[str, Path] = {}
    seen: set[Path] = set()

    def visit(path: Path) -> None:
        seen.add(path)
        text = _read(path)
        for listed, other in IMPORT.findall(text):
            if re.search(r"\bas\b", listed):
                raise ValueError(f"joined: {path.name} imports {listed.strip()!r}: without `as`")
            source = (path.parent / other).resolve()
            if source not in seen:
                visit(source)
        found[path] = EXPORT.sub("", IMPORT.sub("", text)).strip()
        for name in NAMED.findall(found[path]):
            if names.setdefault(name, path) != path:
                where = f"{names[name].name} and {path.name}"
                raise ValueError(f"joined: {name} is in both {where}: they share one scope")

    visit(main.resolve())
    return "\n\n".join(found.values()) + "\n"


def _read(path: Path) -> str:
    return path.read_text("utf-8")
