"""Write the pictures: `python -m docs.pictures`."""

from __future__ import annotations

from pathlib import Path

from docs.pictures import architecture, cloudformation
from personalize_local.console.drawing import workflow

ROOT = Path(__file__).resolve().parents[2]
MLOPS = ROOT / "mlops" / "personalize-step-functions"


def pictures() -> dict[Path, str]:
    """Give each picture's file and its text."""
    machine = cloudformation.load(MLOPS / "statemachines" / "deploy.asl.yaml")
    stacks = {
        "mlops/personalize-step-functions": cloudformation.load(MLOPS / "template.yaml"),
        "api": cloudformation.load(ROOT / "api" / "template.yaml"),
    }
    return {
        ROOT / "docs" / "images" / "workflow.svg": workflow.draw(machine, "The workflow, from upload to campaign"),
        ROOT / "docs" / "images" / "architecture.svg": architecture.draw(stacks, "The two stacks and Personalize"),
    }


def main() -> None:
    """Write every picture and say where."""
    for path, text in pictures().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
