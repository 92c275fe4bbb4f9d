"""What only large tables reach, on small ones: numbers and tables of numbers that outgrow what holds them."""

import pytest

pytest.importorskip("pyarrow")

from test_batch import (  # noqa: F401  (they are run again)
    _own_cache,
    folder,
    test_all_policies_of_a_folder,
    test_generated_policies,
    test_tables_with_everything_in_them,
    test_what_one_version_or_one_code_alone_asks,
)

from policyc.bulk import beside, facts, library, numbers, pieces, values


@pytest.fixture(scope="module", autouse=True, params=[0, 200], ids=["no tables", "tables that grow"])
def _small(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_LARGEST_TABLE", request.param)
        patch.setattr(numbers, "_MOST", 2)
        patch.setattr(facts, "_APART", 2)
        patch.setattr(values, "_NEAR", 3)
        patch.setattr(beside, "_WORD", 1)
        patch.setattr(pieces, "_AT_ONCE", 0)
        patch.setattr(library, "MANY", 1)
        yield
