"""One deadline for a whole request, split over the calls it makes."""

from collections.abc import Callable
from dataclasses import dataclass

PERSONALIZE_SHARE = 0.65  # of the time; the rest is for content, pictures and the reply


@dataclass(frozen=True)
class Deadline:
    """When a request must have been answered, by a monotonic clock in seconds."""

    ends_at_s: float
    clock: Callable[[], float]

    def left_s(self) -> float:
        """Give the time left, 0 when there is none."""
        return max(0.0, self.ends_at_s - self.clock())

    def passed(self) -> bool:
        """Tell whether the time is over."""
        return self.left_s() == 0.0

    def part(self, share: float) -> "Deadline":
        """Give an earlier deadline: a share of the time that is left."""
        return Deadline(self.clock() + self.left_s() * share, self.clock)
