"""What each column of an unknown table is for, inferred from its name and its values."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.proposal.columns.profile import Profile
    from credit_pipeline.proposal.columns.propose import Proposal, proposal
    from credit_pipeline.proposal.columns.roles import TableRoles, infer_roles
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "profile": ["Profile"],
            "propose": ["Proposal", "proposal"],
            "roles": ["TableRoles", "infer_roles"],
        },
    )

__all__ = ["Profile", "Proposal", "TableRoles", "infer_roles", "proposal"]
