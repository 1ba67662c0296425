"""The web console: server-rendered pages over an AWS account, this machine's or Amazon's, read through boto3 alone.

Every page is a function from a request to a `Page`: a template's name and data. The same data is the page's `.json`.
"""
