"""The few AWS calls that every request makes, signed and sent without botocore's machinery, which would be most of a
request's processor time. Everything else goes through botocore."""
