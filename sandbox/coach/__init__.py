"""Two coach ticket networks that sell seats of the same buses, each in its own words, codes, prices and hours."""
