"""Contracts with exclusions and riders, as claims state them."""

from hypothesis import strategies as st


def contracts(sections, diagnoses, procedures):
    """A contract that excludes something, covers something by riders, or both."""
    some = st.lists(_terms(sections, diagnoses, procedures), min_size=1, max_size=2)
    both = st.fixed_dictionaries({"exclusions": some, "riders": some})
    return st.one_of(
        st.fixed_dictionaries({"exclusions": some}), st.fixed_dictionaries({"riders": some}), both
    )


def _terms(sections, diagnoses, procedures):
    """What a contract excludes, or a rider covers, of each of the three kinds."""
    named = st.one_of(
        st.fixed_dictionaries({"section": st.sampled_from(sections)}),
        st.fixed_dictionaries({"diagnoses": st.lists(st.sampled_from(diagnoses), min_size=1, max_size=2)}),
        st.fixed_dictionaries({"procedures": st.lists(st.sampled_from(procedures), min_size=1, max_size=2)}),
    )
    times = st.fixed_dictionaries(
        {"from": st.sampled_from(("2019-01-01", "2021-01-01"))},
        optional={"until": st.sampled_from(("2021-07-01", "2024-01-01"))},
    )
    return st.builds(lambda one, other: one | other, named, times)
