"""The postal company's organisation: units, posts, staff, roles and who sees what."""
