"""Bytes to calls and back, driven by the service models of botocore; no sockets."""
