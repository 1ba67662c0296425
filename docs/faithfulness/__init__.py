"""Make docs/faithfulness.md from the tests that are marked with what they show."""
