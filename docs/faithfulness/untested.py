"""Claims that no test can carry: what is not there, what only AWS could show, what concerns the machine around."""

from __future__ import annotations

# Area, claim, source.
UNTESTED: tuple[tuple[str, str, str], ...] = (
    (
        "Recommendations",
        "AWS's latency is not imitated: an answer takes the time that the work takes.",
        "inferred",
    ),
    (
        "Campaigns",
        "Nothing is throttled by minProvisionedTPS or by the quotas of calls per second; a server that has no room for "
        "one more request answers ThrottlingException.",
        "documented for AWS: 500 calls a second per campaign, 2,500 in all, 1,000 events a second",
    ),
    (
        "Training",
        "Models are not AWS's networks; how well they do on public data is measured in the benchmarks.",
        "inferred",
    ),
    (
        "Lifecycles",
        "Jobs take the time that the work takes: seconds, where AWS takes minutes to hours.",
        "observed",
    ),
    (
        "Data deletion",
        "A deletion takes seconds; AWS's takes up to a day.",
        "documented",
    ),
    (
        "Beside Personalize",
        "The other services are MiniStack's; its own documentation says what they do. Functions run in this machine's "
        "Python, not in the runtime they name; IAM policies are stored and not enforced.",
        "observed",
    ),
    (
        "Metrics in CloudWatch",
        "What was not sent when the process ends is lost.",
        "inferred",
    ),
    (
        "Who may ask",
        "What an endpoint keeps to, ours or AWS's, `personalize-local probe URL` reports.",
        "observed",
    ),
)
