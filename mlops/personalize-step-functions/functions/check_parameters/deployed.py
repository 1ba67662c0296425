"""Does a parameter file ask for a key or a role that its stack may not use? Only the stack can tell; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from personalize_spec.parameters.finding import Finding, at


@dataclass(frozen=True)
class Deployed:
    """What the stack was deployed with, "" for nothing: a key, a role of one's own for it, and the stack's own role."""

    key_arn: str = ""
    key_role_arn: str = ""
    own_role_arn: str = ""


def check_deployed(data: object, deployed: Deployed) -> Iterator[Finding]:
    """Yield what Personalize would refuse hours later: a key nobody may use, a role nobody may hand on."""
    key, role = at(data, str, "datasetGroup", "kmsKeyArn"), at(data, str, "datasetGroup", "roleArn")
    if key and key != deployed.key_arn:
        has = f"with the key {deployed.key_arn}" if deployed.key_arn else "without a key"
        cure = f"deploy it with the parameter KmsKeyArn={key}, and let the key's policy allow what the README says."
        yield Finding("datasetGroup.kmsKeyArn", f"The stack was deployed {has}, and has no rights on this one: {cure}")
    if role and role not in (deployed.key_role_arn, deployed.own_role_arn):
        cure = f"leave roleArn out to take the stack's own role, or deploy the stack with KmsRoleArn={role}."
        yield Finding("datasetGroup.roleArn", f"The stack may not hand this role to Personalize: {cure}")
