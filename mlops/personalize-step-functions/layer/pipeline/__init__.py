"""What the functions of the pipeline share: the resource kinds as data, and the calls to Personalize."""
