"""Work that takes time: the queue, worker processes, lifecycles, the clock."""
