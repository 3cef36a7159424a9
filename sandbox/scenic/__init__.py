"""A distributor of scenic tickets (票务分销): it supplies the platform, and is one of the platform's channels too."""
