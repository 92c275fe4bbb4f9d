"""What is true of a policy for all claims and all days: proved, or refuted by a claim."""
