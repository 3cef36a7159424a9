"""The signed interface for resellers' programs."""
