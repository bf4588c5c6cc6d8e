"""The rules of the project as checks: each takes the folder of a project and returns its errors, one line for each.

``CHECKS`` must hold. ``WARNINGS`` ask for a second look.
"""

from conventions.code import (
    banned_file_names,
    banned_identifiers,
    broad_excepts,
    growing_modules,
    long_functions,
    long_modules,
    pickle_imports,
    rooms,
)
from conventions.configuration import (
    commented_out_yaml,
    keys_with_two_owners,
    layerless_entries,
    objects_and_secrets,
    unversioned_snapshots,
    wandering_keys,
)
from conventions.docstrings import missing_docstrings, missing_parameters
from conventions.documents import lock_faults, machine_paths, unknown_targets
from conventions.packages import crowded_packages, front_doors, mirrored_tests, supporting_modules
from conventions.wording import gone_words, gone_words_in_tests

CHECKS = (
    rooms,
    banned_file_names,
    long_modules,
    long_functions,
    missing_docstrings,
    banned_identifiers,
    broad_excepts,
    pickle_imports,
    keys_with_two_owners,
    wandering_keys,
    commented_out_yaml,
    objects_and_secrets,
    layerless_entries,
    unversioned_snapshots,
    machine_paths,
    lock_faults,
    unknown_targets,
    mirrored_tests,
    crowded_packages,
    front_doors,
    supporting_modules,
    missing_parameters,
    gone_words,
    gone_words_in_tests,
)
WARNINGS = (growing_modules,)
