"""Coach tickets: stations, lines and shifts of several networks, sold as one."""
