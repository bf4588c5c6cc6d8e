"""The commands that the documents show, as a person would paste them."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

from conftest import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/use_case.md", "docs/reliability.md", "docs/scheduling.md")
PROGRAMS = frozenset({"kedro", "make", "mlflow", "docker", "pip", "curl", "export", ".", "airflow", "python", "uv"})
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ANSWER = re.compile(r"^```json\n(\{\"predictions\".*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_INLINE = re.compile(r"`([^`]+)`")
_ASSIGNED = re.compile(r"[A-Z_]+=")


def commands() -> dict[str, str]:
    """Give every command once, with the first document that shows it: of blocks, then of lines of text."""
    found: dict[str, str] = {}
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        blocks = [block for language, block in _FENCED.findall(text) if language in {"sh", "bash", "console"}]
        prose = _FENCED.sub("", text)
        inline = [line.replace("\n", " ") for line in _INLINE.findall(prose)]
        for line in (*_lines("\n".join(blocks)), *_INDENTED.findall(prose), *inline):
            if _is_command(line):
                found.setdefault(_plain(line), document)
    return found


def requests() -> list[tuple[dict[str, Any], list[dict[str, float]]]]:
    """Give each request that the README sends with ``curl``, as (columns and rows, the answer below it)."""
    sent = [words for command in commands() if (words := words_of(command))[0] == "curl"]
    bodies = [json.loads(words[-1])["dataframe_split"] for words in sent]
    answers = _ANSWER.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    return list(zip(bodies, (json.loads(answer)["predictions"] for answer in answers), strict=True))


def words_of(command: str) -> list[str]:
    """Split a command from its program on; what stands for something else is one word."""
    words = shlex.split(re.sub(r"<[^>]*>", "something", command))
    while _ASSIGNED.match(words[0]):
        words = words[1:]
    return words


def _lines(block: str) -> Iterator[str]:
    """Join the lines of a command that goes on: after a backslash, or inside quotes."""
    begun = ""
    for line in block.splitlines():
        begun = f"{begun}\n{line}" if begun else line
        if not line.endswith("\\") and _is_whole(begun):
            yield begun
            begun = ""


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True


def _plain(line: str) -> str:
    """Leave out the comment behind a command, and line breaks that the shell does not see."""
    return re.sub(r"\\\n\s*", "", re.sub(r"\s+#\s.*$", "", line)).strip()


def _is_command(line: str) -> bool:
    words = [word for word in line.split() if not _ASSIGNED.match(word)]
    return len(words) > 1 and words[0] in PROGRAMS
