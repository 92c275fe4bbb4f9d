"""Health-plan coverage policies as programs.

policy = policyc.load("policies/bcbsks/iv_anesthetics.pol")
decision = policy.decide(claim)
"""

from compiler.runtime.errors import ClaimError
from policyc.policy import Policy, PolicyError, PolicyLibrary, load, load_library

__all__ = ["ClaimError", "Policy", "PolicyError", "PolicyLibrary", "load", "load_library"]
