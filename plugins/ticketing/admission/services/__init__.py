"""What is done with admission's rows, one transaction each. `by` None: a seed or another service, nobody is asked."""
