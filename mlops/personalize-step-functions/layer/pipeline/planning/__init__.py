"""The plan: every resource of a parameter file as a definition, grouped the way the state machine works."""

from pipeline.planning.plan import plan_resources
from pipeline.planning.run import Run
from pipeline.planning.size import size_problem

__all__ = ["Run", "plan_resources", "size_problem"]
