"""Who may log in: lock-out, second factor, idle accounts, password rules, login history, log out everywhere."""
