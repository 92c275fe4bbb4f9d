"""The parts of dsl.build: one class a theme, each building on the one before."""
