"""Golden files: claims with the decisions that authors expect, and what they would notice."""
