"""What is said about a decision: why, what it rests on, what would change it."""
