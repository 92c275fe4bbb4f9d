"""What two versions of a policy decide differently, for all claims: proved, or shown by a claim."""
