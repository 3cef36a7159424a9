"""The pretended official accounts of WeChat: the interface, the pushes, and a telephone that follows them."""
