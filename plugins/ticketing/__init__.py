"""Tickets sold as an agent: the kernel that coaches, admission, air and rail stand on."""
