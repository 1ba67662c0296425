"""Pictures as SVG text: state machines, boxes and arrows."""
