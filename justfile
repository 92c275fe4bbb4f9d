# Each line also runs without just.
check:
    ruff check . && ruff format --check . && mypy && lint-imports && policyc lint policies && policyc fmt --check policies
test:
    pytest
bless:
    pytest --bless; policyc test policies --update
bench:
    python benchmarks/single.py && python benchmarks/startup.py
