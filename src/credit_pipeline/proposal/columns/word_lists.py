"""Words in the names and values of columns that show their meaning."""

import re


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case.

    >>> words_of("Loan-ID no. 2"), words_of("customerName")
    (('loan', 'id', 'no', '2'), ('customer', 'name'))
    """
    parted = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", name)
    return tuple(re.findall(r"[^\W\d_]+|\d+", parted.casefold()))


def is_named(name: str, words: frozenset[str]) -> bool:
    """Return whether a name contains one of the words.

    >>> is_named("Date of Birth", BIRTH)
    True
    """
    return bool(words & {*words_of(name)})


SURE_IDENTIFIER = frozenset(words_of("id ids uuid guid"))
"""Names of identifiers, even if values repeat."""
IDENTIFIER = SURE_IDENTIFIER | {*words_of("key ref reference nr no number nummer numero numéro rowid unnamed index")}
"""Names of identifiers if no value repeats."""
PEOPLE = frozenset(
    words_of("customer client borrower applicant person member account household obligor kunde kundin cliente")
)
"""Names of people or companies, all of whose applications belong to one part of a split."""
CODES = frozenset(
    words_of(
        "code type status class category grade sex gender region segment branch channel purpose marital marriage "
        "education occupation job housing ownership zip postcode product state county district"
    )
)
"""Names of columns in which numbers are codes."""
BIRTH = frozenset(words_of("birth birthday birthdate dob born geburt geburtsdatum naissance"))
"""Names of dates of birth."""
APPLICATION = frozenset(
    words_of("application applied apply open opened opening origination originated issue issued granted")
)
"""Names of the date when an application was made."""
EVENT = frozenset(
    words_of(
        "yes y true t bad default defaulted late delinquent loss charged written bankrupt fraud churn churned "
        "ja oui si sí sim schlecht mauvais malo ausfall ausgefallen défaut"
    )
)
"""Values that mean that the event happened."""
NO_EVENT = frozenset(
    words_of("no n false f good paid repaid performing current ok non not none nein nao não gut bon bueno")
)
"""Values that mean that it did not happen."""
GOOD_TARGET = frozenset(words_of("good paid repaid payer performing approved survived"))
"""Names of targets for which "yes" does not mean default."""
UNKNOWN = frozenset(("na", "n/a", "nan", "null", "none", "nil", "missing", "unknown", "?", "-", "--", ".", "#n/a"))
"""Texts of cells that mean "unknown"."""
