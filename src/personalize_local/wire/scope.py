"""Whose request it is: the account and region that its signature names.

Signatures are not verified: the local service has no secrets. Requests that are not signed belong to the default
account in the default region.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from personalize_spec.arns import Scope

DEFAULT_ACCOUNT_ID = "000000000000"
DEFAULT_REGION = "us-east-1"
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")
_PRESIGNED = "X-Amz-Credential"
_ACCOUNT_ID = re.compile(r"\d{12}")
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def request_scope(headers: Mapping[str, str], query: str = "") -> Scope:
    """Give a request's scope: an access key of 12 digits is the account, as in the rest of the local cloud.

    The query counts when there is no Authorization header, as with presigned requests.
    """
    match = _CREDENTIAL.search(headers.get("authorization") or (unquote(query) if _PRESIGNED in query else ""))
    if match is None:
        return Scope(DEFAULT_REGION, DEFAULT_ACCOUNT_ID)
    access_key, region, _ = match.groups()
    account_id = access_key if _ACCOUNT_ID.fullmatch(access_key) else DEFAULT_ACCOUNT_ID
    partition = next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
    return Scope(region, account_id, partition)
