"""Rules for words: the project says plain things with plain words, for readers whose second language is English."""

import re
from collections.abc import Iterator
from pathlib import Path

BETTER = {
    "tell": "report, state, name or show",
    "foretell": "predict",
    "mend": "fix",
    "bear": "have",
    "is no": "is not a",
}
# A word ends where letters and digits end: the parts of a snake_case name are words. Open files have a method tell().
_WORD = re.compile(
    r"""(?: (?<![^\W_]) | (?<=\\[nt]) ) (?! (?<=\.)tell\(\) )
    (?: (?P<foretell> fore(?:tells?|telling|told) ) | (?P<tell> tells?|telling|told )
      | (?P<mend> mend(?:s|ed|ing)? ) | (?P<bear> bears? ) )
    (?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)
# "x is no Y" for "x is not a Y", over the end of a line too; "there is no Y" is plain.
_IS_NO = re.compile(r"(?P<there>[Tt]here[\s#_]+)?(?<![^\W_])[Ii]s[\s#_]+no[\s#_]+[`'\"*]*(?:valid(?![^\W_])|[A-Z]\w*)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_TEXTS = (
    *("*.md", "*.toml", "*.yaml", "Makefile", "Dockerfile", "MLproject"),
    *("src/**/*.py", "tools/**/*.py", "tools/**/*.sh", "benchmarks/**/*.py"),
    *("examples/**/*.py", "examples/**/*.j2", "examples/**/*.mk", "docker/**/*.sh"),
    *(".ci/run", ".github/**/*.yml", "docs/conf.py"),
    *("docs/**/*.md", "docs/**/*.json", "notebooks/**/*.ipynb", "data/*/*.md"),
)
_COMMENTED = ("conf/**/*.yml",)
_TESTS = ("tests/**/*.py", "tests/**/*.md")
# Two must quote the words; the third is not part of the project.
_SKIPPED = ("tools/conventions/wording.py", "test_conventions.py", "conf/local/*")


def gone_words(project: Path) -> list[str]:
    """No word that the project has given up, in anything that a person reads; of ``conf`` the comments."""
    texts = [*_texts(project, _TEXTS), *((name, _comments(text)) for name, text in _texts(project, _COMMENTED))]
    return [fault for name, text in texts for fault in _faults(name, text)]


def gone_words_in_tests(project: Path) -> list[str]:
    """No such word in the tests either: their names are sentences."""
    return [fault for name, text in _texts(project, _TESTS) for fault in _faults(name, text)]


def _texts(project: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in sorted({path for pattern in patterns for path in project.glob(pattern)}):
        name = path.relative_to(project)
        if not any(name.match(pattern) for pattern in _SKIPPED):
            yield str(name), path.read_text(encoding="utf-8")


def _comments(text: str) -> str:
    """Give the comments alone, each on its line: keys and values belong to the data."""
    return "\n".join("".join(_COMMENT.findall(line)) for line in text.split("\n"))


def _faults(name: str, text: str) -> list[str]:
    found = [(word.start(), word.group(), str(word.lastgroup)) for word in _WORD.finditer(text)]
    denied = [words for words in _IS_NO.finditer(text) if not words["there"]]
    found += [(words.start(), " ".join(words.group().split()), "is no") for words in denied]
    return [f"{name}:{text.count(chr(10), 0, at) + 1}: {word}: say {BETTER[gone]}" for at, word, gone in sorted(found)]
