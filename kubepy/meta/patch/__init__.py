"""The three ways to patch an object, on plain dicts.

    merge      RFC 7386: maps merge, everything else is replaced, null removes
    json       RFC 6902: a list of operations on paths
    strategic  Kubernetes': like merge, and lists merge by key, as the schema of the type says

Each way has `decode(raw)`, which refuses what is no patch with BadRequest, and `apply`, which
returns a new document and leaves its arguments alone. Keys of maps that a patch touched come out
sorted: Kubernetes shows a patched document in error messages, and this is how it reads there.
"""

from kubepy.meta.patch import json, merge, strategic

__all__ = ["json", "merge", "strategic"]
