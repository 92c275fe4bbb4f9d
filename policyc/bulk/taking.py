"""Rows taken out of arrays of Arrow, lists among them, which Arrow's own `take` copies one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policyc.bulk.numbers import Numbers, spread


def taken(array: pa.Array, rows: Numbers) -> pa.Array:
    """Some rows of an array, in their order."""
    kind = array.type
    mask = None
    if array.null_count and pa.types.is_nested(kind):
        mask = pa.array(pc.is_null(array).to_numpy(zero_copy_only=False).take(rows))
    if pa.types.is_list(kind):
        starts = array.offsets.to_numpy()
        offsets, items = spread(starts[:-1], np.diff(starts), rows)
        values = taken(array.values, items)
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values, kind, mask=mask)
    if pa.types.is_struct(kind):
        parts = [taken(array.field(at), rows) for at in range(kind.num_fields)]
        return pa.StructArray.from_arrays(parts, fields=list(kind), mask=mask)
    if pa.types.is_dictionary(kind):
        indices = pc.take(array.indices, pa.array(rows), boundscheck=False)
        return pa.DictionaryArray.from_arrays(indices, array.dictionary, safe=False)
    return pc.take(array, pa.array(rows), boundscheck=False)
