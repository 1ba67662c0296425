"""Everything the project knows about MiniStack, the emulator of the other AWS services. It is imported here only.

The emulator runs in a process of its own (docs/decisions/0001-two-processes.md says why): `__main__` is that process.
"""
