"""What the IV-anesthetics policy names, for engines to ask: days as numbers, and the codes of `plain.py`."""

import plain

BEGUN, DIVIDED, CHANGE = 20220108, 20231001, 20241001
DRUGS = ["ketamine", "lidocaine"]
PAIN = sorted(plain.PAIN)
PAIN_DIVIDED = ["G43E"]
PAIN_EXACTLY = sorted(plain.PAIN_EXACTLY)
PSYCHIATRIC = [f"F{number}" for number in (*range(20, 70), *range(90, 100))]
