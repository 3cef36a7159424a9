"""What is written about coach tickets."""
