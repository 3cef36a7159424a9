"""What is done with plans, memberships, cards and benefits; one transaction each."""
