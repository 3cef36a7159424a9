"""The text message gateway that the platform sends through, and the phones that receive."""
