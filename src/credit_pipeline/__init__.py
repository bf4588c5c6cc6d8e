"""The credit-default lifecycle: from a raw table to an audited decision."""

__version__ = "0.1.0"
