"""The rules of the project as checks: each takes the folder of a project and returns its errors, one line for each."""

from conventions.code import (
    banned_file_names,
    banned_identifiers,
    broad_excepts,
    long_functions,
    long_modules,
    missing_docstrings,
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
from conventions.documents import lock_faults, machine_paths, unknown_targets

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
)
