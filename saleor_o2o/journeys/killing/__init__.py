"""The kill test: web and worker die by SIGKILL between any two steps of a purchase and a refund, and nothing is lost.

`house` runs the real parts in a folder of its own: PostgreSQL, Valkey, the sandbox, and a `stage` from which web and
worker processes are forked in milliseconds. In these (never in production) `points` counts the steps: each SQL write,
each commit, each call outside and its answer, each task sent and done, each answer to a client. `trial` draws by a seed
what is bought (`stories`), where the process dies, and whether the client asks again; afterwards the clock is moved on,
beat's jobs run, and `books` says what is wrong. `./o2o journey pay-killed` plays two hundred trials, the tests twenty.
"""
