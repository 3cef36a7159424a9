"""The kill test of ticketing: hold, pay, issue and give back at coach networks, with deaths between any two steps.

`station` puts the networks into the house, `riding` is who buys, `stories` what happens, `books` what must hold in the
end: every order issued exactly once at the network and here, or all of its money back; never both, never neither.
`./o2o journey ticket-killed` plays the deaths that `deaths` picks, `tests/killing/test_tickets.py` a few of them.
"""
