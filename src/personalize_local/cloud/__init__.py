"""The local AWS: one port, Personalize beside the emulator of the other services."""
