"""The README's pictures, drawn from the templates and the state machine so that they cannot lie."""
