"""Write the pictures: `python -m docs.pictures`."""

from __future__ import annotations

from pathlib import Path

from docs.pictures import architecture, cloudformation
from personalize_local.console.drawing import workflow

ROOT = Path(__file__).resolve().parents[2]
MLOPS = ROOT / "mlops" / "personalize-step-functions"
IMAGES = ROOT / "docs" / "images"
MACHINES = {  # definition → picture and title
    "deploy": ("workflow", "The workflow, from upload to campaign"),
    "release": ("release", "A release, beside the live version"),
    "rollback": ("rollback", "The way back to the version before"),
    "retire": ("retire", "The soak time, and the end of the version before"),
    "teardown": ("teardown", "Removing everything"),
}


def pictures() -> dict[Path, str]:
    """Give each picture's file and its text."""
    stacks = {
        "mlops/personalize-step-functions": cloudformation.load(MLOPS / "template.yaml"),
        "api": cloudformation.load(ROOT / "api" / "template.yaml"),
    }
    machines = {
        IMAGES / f"{image}.svg": workflow.draw(cloudformation.load(MLOPS / "statemachines" / f"{name}.asl.yaml"), title)
        for name, (image, title) in MACHINES.items()
    }
    return {**machines, IMAGES / "architecture.svg": architecture.draw(stacks, "The two stacks and Personalize")}


def main() -> None:
    """Write every picture and say where."""
    for path, text in pictures().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
