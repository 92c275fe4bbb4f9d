"""Health-plan coverage policies as programs.

policy = policyc.load("policies/bcbsks/iv_anesthetics.pol")
decision = policy.decide(claim)
"""

from compiler.runtime.errors import ClaimError
from policyc.library import PolicyLibrary, load_library
from policyc.policy import ChangedError, Policy, PolicyError, load

__all__ = ["ChangedError", "ClaimError", "Policy", "PolicyError", "PolicyLibrary", "load", "load_library"]
