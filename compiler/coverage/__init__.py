"""What some claims exercise of a policy: what held, what did not, what was open, and which ends were met."""
