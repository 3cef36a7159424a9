"""After-sale: money back, goods back, and who decides when the two sides differ."""
